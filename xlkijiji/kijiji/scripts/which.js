// arguments: fields, each a list of candidates. For each field, how many elements each of its candidates finds.
return arguments[0].map((candidates) => candidates.map((candidate) => located([candidate]).length));
