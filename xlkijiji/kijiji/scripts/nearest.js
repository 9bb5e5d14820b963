// needs: _nearest
// arguments: buttons of one wording, the field that one of them belongs to (or null), a pattern for the words around.
return nearestTo(arguments[0], arguments[1], arguments[2]);
