// needs: _page
// arguments: candidates of field errors, captchas and limits; a mark to leave on the page, or "".
if (arguments[1]) window.xlkijijiMark = arguments[1];
return pageState(arguments[0]);
