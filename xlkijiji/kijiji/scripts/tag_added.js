// needs: _tags
// arguments: the tags input, the tag. How often it is on the form, as in _tags.js.
return tagSeen(arguments[0], arguments[1]);
