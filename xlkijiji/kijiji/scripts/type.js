// needs: _type
// arguments: groups of candidates, text.
const [control] = arguments[0].flatMap((candidates) => controlsOf(candidates));
typeInto(control, arguments[1]);
