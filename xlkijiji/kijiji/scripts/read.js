// needs: _read
// arguments: fields as in _fill.js. What each holds now.
return readFields(arguments[0]);
