// needs: _fill
// arguments: fields as in _fill.js. Fills each, and says how it went.
return fillFields(arguments[0]);
