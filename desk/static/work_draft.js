// The draft beside the call: it grows while people talk, and never over what somebody typed.
"use strict";

const PAUSE = 1000; // milliseconds after the last key until what was typed is kept
const LOOKS = [300, 2500]; // after news of a draft: the books are written a moment after

const Draft = {
  call: null,
  made: -1,
  kept: {},
  /** By field: what it was when the agent began to type. */
  typed: new Map(),
  saving: null,
  timer: null,
  form: byId("fields"),

  /** Take the call whose draft is wanted; another call's typing is kept first. */
  async of(call) {
    if (call.part !== "agent" && call.part !== "supervisor") return;
    if (call.call !== this.call) {
      const before = this.keep();
      this.call = call.call;
      this.made = -1;
      await before;
      if (this.call !== call.call) return;
      this.typed.clear();
      this.kept = {};
      this.fill({ fields: [], faults: [] });
      this.say("等待草稿", "waiting for the draft");
    }
    if (call.drafts === this.made) return;
    this.made = call.drafts;
    for (const after of LOOKS) setTimeout(() => this.look(call.call), after);
  },

  async look(call) {
    if (call !== this.call) return;
    try {
      this.take(await Live.ask("GET", `/api/v1/agent/drafts/${encodeURIComponent(call)}`));
    } catch (error) {
      if (error.status !== 404) Live.fault(error);
    }
  },

  take(found) {
    if (found.call !== this.call) return;
    this.fill(found);
    if (found.confirmed_by) this.say(`已由 ${found.confirmed_by} 确认`, "confirmed");
    else if (!this.typed.size) this.say(`第 ${found.version} 版`, "up to date");
  },

  say(zh, en) { byId("draft-state").replaceChildren(...both(zh, en)); },

  fill(found) {
    const by = new Map(found.fields.map((field) => [field.name, field]));
    for (const input of this.form.elements) {
      if (!input.name) continue;
      const field = by.get(input.name) || { text: "", evidence: [], candidates: [] };
      input.disabled = !by.has(input.name);
      this.kept[input.name] = field.text;
      if (!this.typed.has(input.name)) this.put(input, field);
      this.beside(input, field);
    }
    byId("faults").replaceChildren(...found.faults.map((each) => make("li", { className: each.weight }, ...both(each.zh, each.en))));
    byId("confirm").disabled = !found.fields.length;
    byId("order-number").textContent = found.number || "";
    const link = byId("draft-link");
    link.hidden = !found.call;
    if (found.call) link.href = `/drafts/${encodeURIComponent(found.call)}`;
  },

  put(input, field) {
    if (input.tagName === "SELECT" && !Array.from(input.options).some((option) => option.value === field.text)) {
      input.add(new Option(field.text, field.text));
    }
    if (input.value !== field.text) input.value = field.text;
  },

  /** Show what a field rests on, or what to ask for. */
  beside(input, field) {
    const box = input.closest(".f");
    box.classList.toggle("mine", Boolean(field.by));
    box.classList.toggle("ask-for", Boolean(field.ask));
    const said = field.evidence.map((each) => `“${each.words}”`).join(" ");
    const text = field.ask ? field.ask.filter(Boolean).join(" / ") : field.by ? `人工 ${field.by}` : said;
    box.querySelector(".small").textContent = text || "";
  },

  typing(input) {
    if (!this.typed.has(input.name)) this.typed.set(input.name, this.kept[input.name] ?? "");
    this.say("正在输入…", "typing");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), PAUSE);
  },

  /** Keep what was typed; one at a time, and what is typed meanwhile is kept after it. */
  async keep(confirm = false) {
    clearTimeout(this.timer);
    await this.saving;
    if (!this.call || (!this.typed.size && !confirm)) return;
    const sent = new Map();
    for (const [name, was] of this.typed) sent.set(name, { was, text: this.form.elements[name].value });
    this.saving = this.send(this.call, sent, confirm);
    await this.saving;
  },

  async send(call, sent, confirm) {
    try {
      const path = `/api/v1/agent/drafts/${encodeURIComponent(call)}`;
      const found = await Live.ask("PUT", path, { fields: Object.fromEntries(sent), confirm });
      Live.fault(null);
      if (call !== this.call) return;
      for (const [name, { text }] of sent) {
        if (this.form.elements[name].value === text) this.typed.delete(name);
        else this.typed.set(name, text);
      }
      this.take(found);
      if (!confirm && !this.typed.size) this.say("已保存", "kept");
    } catch (error) {
      Live.fault(error);
      this.say("没有保存，稍后再试", "not kept yet");
      clearTimeout(this.timer);
      if (error.status === 0 || error.status >= 500) this.timer = setTimeout(() => this.keep(), 3000);
    }
  },
};

for (const field of JSON.parse(Live.root.dataset.fields)) {
  const id = `f-${field.name}`;
  const common = { id, name: field.name, disabled: true };
  const input = field.choices.length
    ? make("select", common, new Option("—", ""), ...field.choices.map(([value, label]) => new Option(label, value)))
    : field.long ? make("textarea", { ...common, rows: field.name === "content" ? 4 : 2 }) : make("input", common);
  input.addEventListener("input", () => Draft.typing(input));
  Draft.form.append(make("div", { className: `f ${field.long ? "long" : ""}` },
    make("label", { htmlFor: id }, ...both(field.zh, field.en)), input, make("p", { className: "small" })));
}
Draft.form.addEventListener("submit", (event) => event.preventDefault());
byId("confirm").addEventListener("click", () => Draft.keep(true));
addEventListener("pagehide", () => Draft.keep());
addEventListener("beforeunload", (event) => { if (Draft.typed.size) event.preventDefault(); });
