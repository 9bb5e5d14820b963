// arguments: candidates, root or null, needShown. All elements of the first candidate that has any.
return located(arguments[0], arguments[1], arguments[2]);
