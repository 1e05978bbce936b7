// What the live pages share: the connection that events come by, asking, and clocks.
"use strict";

const byId = (id) => document.getElementById(id);

/** Make an element; text is always text, never markup. */
function make(tag, values = {}, ...children) {
  const { data, ...rest } = values;
  const made = Object.assign(document.createElement(tag), rest);
  Object.assign(made.dataset, data || {});
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const english = (text) => make("span", { lang: "en", textContent: text });
const both = (zh, en) => [zh, " ", english(en)];

const Live = {
  root: document.querySelector("[data-csrf]"),
  offset: 0,

  /** The engine's time in seconds: what every clock here goes by. */
  now() { return Date.now() / 1000 + this.offset; },

  clock(seconds) {
    if (seconds === null || seconds === undefined) return "—";
    const whole = Math.max(0, Math.floor(seconds));
    const minutes = String(Math.floor(whole / 60) % 60).padStart(whole >= 3600 ? 2 : 1, "0");
    const tail = `${minutes}:${String(whole % 60).padStart(2, "0")}`;
    return whole >= 3600 ? `${Math.floor(whole / 3600)}:${tail}` : tail;
  },

  wire(zh, en, bad) {
    const line = byId("wire");
    line.replaceChildren(...both(zh, en));
    line.classList.toggle("broken", Boolean(bad));
  },

  fault(error) {
    const line = byId("fault");
    line.hidden = !error;
    if (error) line.replaceChildren(...both(error.zh, error.en));
  },

  /** Ask the API; returns the JSON, or throws {status, code, zh, en}. */
  async ask(method, path, body) {
    const headers = { "X-CSRF-Token": this.root.dataset.csrf, "Content-Type": "application/json" };
    let answer;
    try {
      answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    } catch {
      throw { status: 0, zh: "连不上系统，请稍后再试", en: "the engine cannot be reached; try again" };
    }
    const found = await answer.json().catch(() => ({}));
    if (answer.status === 401) { signedOut(); }
    if (!answer.ok) throw found.error || { status: answer.status, zh: "没有成功", en: "it was not done" };
    return found;
  },

  /** Ask for something of the call or of oneself; a refusal is shown in words. */
  async act(action, values = {}) {
    try {
      const found = await this.ask("POST", `/api/v1/agent/actions/${action}`, values);
      this.fault(null);
      return found;
    } catch (error) {
      this.fault(error);
      return null;
    }
  },

  /** Listen to events for as long as the page is open. */
  listen(path, heard) {
    const source = new EventSource(path);
    const take = (name, told) => source.addEventListener(name, (event) => told(JSON.parse(event.data)));
    const inTime = (value) => { this.offset = value.now - Date.now() / 1000; this.wire("已连接", "connected"); };
    take("hello", inTime);
    take("beat", inTime);
    take("closed", (value) => {
      source.close();
      if (value.why === "signed_out") signedOut();
      else this.wire("已在别的窗口打开", "open in another window", true);
    });
    for (const [name, told] of Object.entries(heard)) take(name, told);
    source.addEventListener("error", () => {
      this.wire("连接断了，正在重连…", "connection lost, trying again…", true);
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(() => this.ask("GET", "/api/v1/session").catch(() => null)
        .then(() => this.listen(path, heard)), 2000);
    });
  },
};

function signedOut() {
  const back = make("a", { href: `/login?next=${encodeURIComponent(location.pathname)}` }, ...both("重新登录", "sign in again"));
  byId("wire").replaceChildren("已退出 ", back);
  byId("wire").classList.add("broken");
}
