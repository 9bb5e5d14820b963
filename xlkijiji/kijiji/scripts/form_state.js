// needs: _read, _photos, _tags
// arguments: fields as in _fill.js, {name: candidates} of the form's other parts, tags. All that the form holds now.
const [fields, parts, tags] = arguments;
const [input] = located(parts.tags);
const [place] = located(parts.location_value);
const [total] = located(parts.total);
return {
  fields: readFields(fields),
  photos: photosSeen(parts.photo_list, parts.photo_error),
  tags: input ? Object.fromEntries(tags.map((tag) => [tag, tagSeen(input, tag)])) : null,
  location: place ? plain(place.value) : "",
  total: total ? plain(total.textContent || total.value) : null,
};
