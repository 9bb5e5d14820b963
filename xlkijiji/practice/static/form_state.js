// What a form holds is what its events said, as in React, which the real site is made with: text that a script puts
// into a field without an input event was never typed. React also ignores an event when the field still holds what
// React last saw, and it sees every plain `field.value = …`; a script has to go through the prototype's setter.

const KINDS_WITH_CHECKED = new Set(["checkbox", "radio"]);

/** Remembers the last value of one property of an element that the page itself has seen. */
class Tracker {
  constructor(element, property) {
    this.element = element;
    this.property = property;
    this.native = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), property);
    this.seen = element[property];
    const tracker = this;
    Object.defineProperty(element, property, {
      configurable: true,
      get() { return tracker.native.get.call(this); },
      set(value) {
        tracker.seen = property === "value" ? String(value) : Boolean(value);
        tracker.native.set.call(this, value);
      },
    });
  }

  /** True when the element holds something new; the page has then seen it. */
  changed() {
    const now = this.native.get.call(this.element);
    if (now === this.seen) return false;
    this.seen = now;
    return true;
  }
}

/** The state of a form's named fields, kept from events alone, and sent instead of what the fields show. */
export class FormState {
  /** @param {HTMLFormElement} form @param {(name: string) => boolean} isTracked which fields, by name */
  constructor(form, isTracked) {
    this.form = form;
    this.values = new Map();
    this.trackers = new Map();
    this.listeners = [];
    for (const field of form.elements) {
      if (field.name && field.type !== "hidden" && field.type !== "submit" && isTracked(field.name)) this.track(field);
    }
    form.addEventListener("formdata", (event) => this.fill(event.formData));
  }

  /** Calls `listener(name)` after each change. */
  onChange(listener) {
    this.listeners.push(listener);
  }

  /** The value of a text field, a select or a radio group. */
  get(name) {
    return this.values.get(name)?.[0] ?? "";
  }

  track(field) {
    if (!this.values.has(field.name)) this.values.set(field.name, []);
    if (KINDS_WITH_CHECKED.has(field.type)) {
      this.trackers.set(field, new Tracker(field, "checked"));
      if (field.checked) this.values.get(field.name).push(field.value);
      field.addEventListener("click", () => this.checked(field));
    } else if (field.localName === "select") {
      this.set(field);
      field.addEventListener("change", () => this.changed(field));
    } else {
      this.trackers.set(field, new Tracker(field, "value"));
      this.set(field);
      for (const type of ["input", "change"]) {
        field.addEventListener(type, () => this.trackers.get(field).changed() && this.changed(field));
      }
    }
  }

  set(field) {
    this.values.set(field.name, [field.value]);
  }

  changed(field) {
    this.set(field);
    this.tell(field.name);
  }

  checked(field) {
    if (!this.trackers.get(field).changed()) return;
    if (field.type === "radio") {
      for (const [other, tracker] of this.trackers) {
        if (other !== field && other.type === "radio" && other.name === field.name) tracker.changed();
      }
      this.values.set(field.name, [field.value]);
    } else {
      const others = this.values.get(field.name).filter((value) => value !== field.value);
      this.values.set(field.name, field.checked ? [...others, field.value] : others);
    }
    this.tell(field.name);
  }

  tell(name) {
    for (const listener of this.listeners) listener(name);
  }

  fill(formData) {
    for (const [name, values] of this.values) {
      formData.delete(name);
      const field = this.form.elements.namedItem(name);
      if (field instanceof Element && field.disabled) continue;
      for (const value of values) formData.append(name, value);
    }
  }
}
