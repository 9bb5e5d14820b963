// needs: _page
// arguments: candidates for _page.js, candidates of the button that closes an overlay. That button or null, and the page.
const [button] = located(arguments[1]);
return { overlay: button || null, state: pageState(arguments[0]) };
