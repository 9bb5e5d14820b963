# ruff: noqa: E501 — lines of HTML and of scripts in it
"""The pages of `other_site`: markup of its own around the ids and names that the facts give."""

PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>Other</title><style>
.veil{position:fixed;inset:0;background:#0008;z-index:9}.pop{position:fixed;inset:20%;background:#fff;z-index:10}
li{list-style:none;border:1px solid #ccc}label{margin-right:1em}</style></head>
<body><header><b>Other</b> [[who]]</header><main>[[body]]</main></body></html>"""

HOME = """<h1>Welcome</h1><div id="LocationMenus" class="pop"><p>Where are you?</p>
<button id="LocUpdate" onclick="this.parentNode.remove()">Go</button></div>"""

SIGN_IN = """<h1>Sign In</h1>[[message]][[captcha]]<form method="post"><input id="emailOrNickname" name="emailOrNickname">
<input id="password" name="password" type="password"><button class="signInButton-2240982">Sign In</button></form>
<p>Wrong page? Go back and try again.</p><small>This site is protected by reCAPTCHA and the Google Privacy Policy applies.</small>"""

DRAW_LATE = """<script>setTimeout(async () => {
  document.getElementById("ads").innerHTML = await (await fetch("/rows/[[number]]")).text();
}, [[late]]);</script>"""

LIVE = "<h1>[[title]]</h1>"

EXTRAS = '<label><input type="checkbox" id="TopAdInPromoteMyAds" name="featuresForm.topAd" [[on]]>Top ad $49.99</label>'

PACKAGES = """<section><div class="card"><h2>Basic</h2><p>[[text]]</p><button type="button" data-testid="package-0-bottom-select"
 onclick="'[[onward]]' ? location.href = '[[onward]]' : this.form.dataset.chosen = 'yes'">Select</button></div>
<div class="card"><h2>Plus</h2><p>$19.99</p><button type="button" data-testid="package-1-bottom-select">Select</button></div></section>"""

SELECT = """<h1>Post an ad</h1><textarea id="AdTitleForm" oninput="go.disabled = this.value.length < 8"></textarea>
<button id="go" aria-controls="CategorySuggestion" disabled onclick="suggest()">Next</button>
<section id="CategorySuggestion" hidden></section>
<script>
function suggest() {
  const title = document.getElementById("AdTitleForm").value, box = document.getElementById("CategorySuggestion");
  if (title.includes("nothing")) return;
  setTimeout(() => {
    box.hidden = false;
    box.innerHTML = '<button><span class="categoryName-9912">Hand Tools</span></button><ul><li><button>' +
      '<span class="categoryName-9912">Buy &amp; Sell</span></button></li></ul>';
    box.querySelector("button").onclick = () => {
      location.href = "/p-post-ad.html?categoryId=341&adTitle=" + encodeURIComponent(title);
    };
  }, 150);
}
</script>"""

MY_ADS = """<h1>My Ads</h1>[[empty]]<ul id="ads">[[rows]]</ul><div id="dialog" class="pop" hidden></div>
<script>
function ask(id) {
  const box = document.getElementById("dialog");
  box.hidden = false;
  box.innerHTML = '<p>Why?</p><button data-testid="pill-option">Sold it</button>' +
    '<button data-testid="pill-option">Prefer not to say</button>' +
    '<form method="post" action="/my-ads/remove"><input type="hidden" name="id" value="' + id + '">' +
    '<button disabled>Delete My Ad</button></form>';
  for (const pill of box.querySelectorAll("[data-testid=pill-option]"))
    pill.onclick = () => { box.querySelector("form button").disabled = pill.textContent !== "Prefer not to say"; };
}
</script>"""

DETAILS = """<h1>Your ad</h1>[[limit]]<div id="MainForm"><form id="PostAdMainForm" method="post" action="/p-submit-ad.html">
[[captcha]]<input type="hidden" name="ca.kijiji.xsrf.token" value="t"><input type="hidden" id="postad-id" name="adId" value="[[id]]">
<input type="hidden" id="categoryId" name="categoryId" value="[[category]]">
<p>Category <button type="button" onclick="location.href='/'">Change</button>
<button type="button" onclick="location.href='/'">Add</button></p>
<fieldset><label><input type="radio" id="adType1" name="postAdForm.adType" value="OFFER" checked>Offering</label>
<label><input type="radio" id="adType2" name="postAdForm.adType" value="WANTED">Want</label></fieldset>
<fieldset data-part="seller"><input type="radio" id="forsaleby_s" name="postAdForm.attributeMap[forsaleby_s]" value="ownr">
<label for="forsaleby_s">Owner</label><input type="radio" id="forsaleby_s-1" name="postAdForm.attributeMap[forsaleby_s]" value="delr">
<label for="forsaleby_s-1">Business</label></fieldset>
<p data-part="condition"><label for="condition_s">Condition</label><select id="condition_s" name="postAdForm.attributeMap[condition_s]">
<option value="">Choose</option><option value="new">New</option><option value="usedlikenew">Used - Like new</option>
<option value="usedgood">Used - Good</option><option value="usedfair">Used - Fair</option></select></p>
<p><label for="caryear_i">Year</label><input id="caryear_i" name="postAdForm.attributeMap[caryear_i]"></p>
<p><label for="carmileageinkms_i">Km</label><input id="carmileageinkms_i" name="postAdForm.attributeMap[carmileageinkms_i]"></p>
<p><label for="carmake_s">Make</label><select id="carmake_s" name="postAdForm.attributeMap[carmake_s]"><option value="">-</option>
<option value="ford">Ford</option><option value="honda">Honda</option></select>
<select id="carmodel_s" name="postAdForm.attributeMap[carmodel_s]" disabled><option value="">-</option></select></p>
<div data-part="title"><label>Title <input id="postad-title" name="postAdForm.title" value="[[title]]"></label></div>
<textarea id="pstad-descrptn" name="postAdForm.description" rows="5">[[description]]</textarea>
<fieldset data-part="price"><label><input type="radio" id="priceType1" name="postAdForm.priceType" value="FIXED">Price</label>
<label><input type="radio" id="priceType2" name="postAdForm.priceType" value="GIVE_AWAY">Free</label>
<label><input type="radio" id="priceType3" name="postAdForm.priceType" value="CONTACT">Please Contact</label>
<label><input type="radio" id="priceType4" name="postAdForm.priceType" value="SWAP_TRADE">Swap/Trade</label>
<input id="PriceAmount" name="postAdForm.priceAmount" value="[[price]]" disabled></fieldset>
<div data-part="tags"><input id="pstad-tagsInput" maxlength="40"><button type="button" id="addTag">Add</button><span id="chips"></span></div>
<div data-part="files" class="imageUploadButtonWrapper-77"><input type="file" multiple style="display:none"></div>
<ol id="MediaUploadedImages"><li class="pic-placeholder"></li></ol><div id="photoSays"></div>
<div data-part="place"><textarea id="location" name="location" rows="1" autocomplete="off">[[location]]</textarea><div id="list"></div></div>[[postal]]
<p><label for="PhoneNumber">Phone</label><input id="PhoneNumber" name="postAdForm.phoneNumber"></p>
[[extras]]
<p data-part="terms"><input type="checkbox" id="PostAdConfirmationOfTerms" name="postAdForm.confirmedTerms" style="opacity:0">
<label for="PostAdConfirmationOfTerms">I agree</label></p>
[[packages]][[required]][[errors]][[total]]<button name="saveAndCheckout" value="1">[[button]]</button></form></div>
<script>
const settings = [[settings]], $ = (id) => document.getElementById(id), form = $("PostAdMainForm");
for (const part of settings.without) document.querySelector(`[data-part=${part}]`).remove();
for (const radio of document.getElementsByName("postAdForm.priceType")) radio.onclick = () => {
  setTimeout(() => { $("PriceAmount").disabled = radio.value !== "FIXED"; }, 120);
  if (settings.anew) setTimeout(() => {
    settings.anew = false;
    const title = $("postad-title").cloneNode();
    title.value = "";
    $("postad-title").replaceWith(title);
  }, 150);
};
$("carmake_s").onchange = () => setTimeout(() => {
  const names = { ford: [["f150", "F-150"], ["focus", "Focus"]], honda: [["civic", "Civic"]] }[$("carmake_s").value] || [];
  $("carmodel_s").innerHTML = "<option value=''>-</option>" + names.map(([v, t]) => `<option value="${v}">${t}</option>`).join("");
  $("carmodel_s").disabled = false;
}, 300);
const tags = $("pstad-tagsInput");
if (tags) {
  const add = () => {
    const text = tags.value.replace(",", "").trim();
    if (!text) return;
    const chip = document.createElement("span"), kept = document.createElement("input");
    chip.textContent = text;
    kept.type = "hidden"; kept.name = "postAdForm.tags"; kept.value = text;
    $("chips").append(chip, kept);
    tags.value = "";
  };
  $("addTag").onclick = () => { if (settings.tagKey === "button") add(); };
  tags.onkeydown = (e) => { if (e.key === settings.tagKey) { e.preventDefault(); add(); } };
}
const file = document.querySelector("[type=file]"), list = $("MediaUploadedImages");
if (file) file.onchange = async () => {
  const items = [...file.files].map(() => {
    const li = document.createElement("li");
    li.className = "uploading thumbnail";
    list.append(li);
    return li;
  });
  for (const [n, one] of [...file.files].entries()) {
    const body = new FormData();
    body.append("file", one);
    const answer = await fetch("/p-upload-image.html", { method: "POST", body });
    await new Promise((done) => setTimeout(done, 250));
    const said = answer.ok ? await answer.json() : { error: "Upload failed (" + answer.status + ")" };
    if (said.error) {
      items[n].remove();
      const p = document.createElement("p");
      p.className = "field-message error"; p.dataset.for = "FileUploadInput"; p.textContent = said.error;
      $("photoSays").append(p);
      return;
    }
    items[n].className = "thumbnail";
    items[n].innerHTML = `<button type="button" onclick="this.parentNode.remove()">x</button>
      <input type="hidden" name="images" value="${said.normalUrl}">`;
  }
};
let asked = 0;
const stale = settings.stalePlaces;
const offer = (found) => {
    $("list").innerHTML = found.map((t, n) => `<div id="LocationSelector-item-${n}" role="option">${t}</div>`).join("");
    for (const option of $("list").children) option.onmousedown = () => {
      $("location").value = option.textContent;
      form.dataset.placed = "1";
      $("list").innerHTML = "";
      if (settings.placeCloses) {
        const name = document.createElement("b"), kept = document.createElement("input");
        name.textContent = settings.placeCloses === "other" ? "Halifax, NS" : option.textContent;
        kept.type = "hidden"; kept.name = "place"; kept.value = option.textContent;
        $("location").replaceWith(name, kept);
      }
    };
};
if ($("location")) $("location").oninput = () => {
  if (stale.length) offer(stale);
  const mine = ++asked;
  setTimeout(async () => {
    if (mine !== asked) return;
    const found = await (await fetch("/places?q=" + encodeURIComponent($("location").value))).json();
    offer(found.length ? found : stale);
  }, stale.length ? 900 : 200);
};
form.onsubmit = (event) => {
  if (settings.stay) { event.preventDefault(); fetch(form.action, { method: "POST", body: new FormData(form) }); }
};
if (settings.totalLate) setTimeout(() => { $("TotalPrice").textContent = settings.totalLate; }, 3000);
if (settings.modal) setTimeout(() => {
  const veil = document.createElement("div");
  veil.className = "veil";
  veil.innerHTML = '<div class="pop"><p>News!</p><button data-qa-id="ModalCloseButton">x</button></div>';
  veil.querySelector("button").onclick = () => veil.remove();
  document.body.append(veil);
}, 700);
</script>"""
