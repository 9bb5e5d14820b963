// needs: _photos
// arguments: candidates of the list, and of the error.
return photosSeen(arguments[0], arguments[1]);
