// The page that agents work with: what the engine tells is shown, what the agent presses is asked.
"use strict";

const names = JSON.parse(Live.root.dataset.names);
const shown = { me: null, call: null };
let choices = { lanes: [], places: [], emergencies: [], breaks: [], agents: [] };

const PHASES = {
  menu: ["语音导航", "menu"], waiting: ["排队", "waiting"], ringing: ["来电", "ringing"],
  talking: ["通话中", "talking"], over: ["已结束", "over"],
};
const WHY = {
  busy: "忙", rejected: "拒接", no_answer: "没有接听", unreachable: "不可达",
  phone_fault: "话机故障", cancelled: "已取消", call_over: "通话已结束",
};

function button(action, values, zh, en, kind = "") {
  return make("button", { type: "button", className: kind, data: { action, values: JSON.stringify(values) } }, ...both(zh, en));
}

document.addEventListener("click", async (event) => {
  if (event.target.closest("#open-reach")) openReach();
  if (event.target.closest("#open-keys")) byId("keys").showModal();
  const pressed = event.target.closest("[data-action]");
  if (!pressed) return;
  if (pressed.dataset.asked) return;
  pressed.dataset.asked = "yes";
  await Live.act(pressed.dataset.action, JSON.parse(pressed.dataset.values || "{}"));
  delete pressed.dataset.asked;
});

// --- the agent -------------------------------------------------------------------------------

function showMe(me) {
  shown.me = me;
  byId("state").dataset.state = me.state;
  byId("state-zh").textContent = me.words.zh;
  byId("state-en").textContent = me.words.en;
  settle(byId("state-buttons"), ...stateButtons(me));
  tick();
}

function stateButtons(me) {
  const breaks = choices.breaks.map(({ value, label }) => button("take_break", { reason: value }, label, value));
  if (me.state === "ready") return breaks;
  if (me.state === "paused") return [button("back_to_work", {}, "待机", "ready", "main"), ...breaks];
  if (me.state === "wrap_up") {
    return [
      button("finish_wrap_up", {}, "结束整理", "done", "main"),
      button("extend_wrap_up", { seconds: 60 }, "延长 1 分钟", "1 min more"),
      ...breaks,
    ];
  }
  return [];
}

// --- the call --------------------------------------------------------------------------------

function showCall(call) {
  const last = shown.call;
  shown.call = call;
  byId("idle").hidden = call !== null;
  byId("call-card").hidden = call === null;
  showDanger(call);
  showSpoken(call);
  if (call === null) { document.title = document.title.replace(/^☎ /, ""); return; }
  if (!last || last.call !== call.call) showLines({ call: call.call, from: 0, lines: [] });
  document.title = document.title.replace(/^☎ /, "");
  if (call.phase === "ringing") document.title = `☎ ${document.title}`;
  byId("phase").replaceChildren(...both(...(PHASES[call.phase] || [call.phase, ""])));
  byId("phase").dataset.phase = call.phase;
  byId("caller").textContent = call.caller;
  byId("lane").textContent = call.lane ? call.lane.name : "—";
  byId("language").textContent = names.languages[call.language] || call.language;
  byId("recording").textContent = { on: "录音中", paused: "已暂停", off: "未录音" }[call.recording];
  byId("company").textContent = company(call);
  settle(byId("call-buttons"), ...callButtons(call));
  settle(byId("emergencies"), ...emergencyButtons(call));
  Draft.of(call);
  tick();
}

function labelOf(target) {
  const all = [...choices.places, ...choices.lanes, ...choices.agents];
  const found = all.find((each) => each.value === target);
  return found ? found.label : target.replace(/^(agent|lane|number):/, "");
}

/** What callers type in a flow, by the names that the shipped flows give it. */
const TYPED = { order: "工单号", rating: "评分", solved: "已解决", call_back: "回电号码" };

/** Say what the caller typed, who else is in the call, or was wanted and did not come. */
function company(call) {
  const parts = [];
  if (call.part === "supervisor") parts.push({ listen: "您在监听", whisper: "您在耳语", barge: "您已强插" }[call.how]);
  if (call.part === "guest") parts.push(`您是被邀请方，坐席 ${call.agent}`);
  for (const [name, value] of Object.entries(call.typed)) parts.push(`${TYPED[name] || name} ${value}`);
  if (call.held) parts.push("市民正在听音乐（保持）");
  if (call.muted) parts.push("您已静音");
  if (call.help) parts.push("已向班长求助");
  if (call.reaching) {
    const how = { transfer: "转接", consult: "咨询", join: "三方" }[call.reaching.how];
    parts.push(`${how} ${labelOf(call.reaching.target)}：${call.reaching.answered ? "已接通" : "正在呼叫…"}`);
  }
  if (call.guests.length) parts.push(`三方：${call.guests.map(labelOf).join("、")}`);
  if (call.missed) parts.push(`${labelOf(call.missed.target)} ${WHY[call.missed.why] || call.missed.why}`);
  return parts.join(" · ");
}

function callButtons(call) {
  if (call.part === "supervisor") {
    const as = (how, zh, en) => button("supervise", { agent: call.agent, how }, zh, en, call.how === how ? "on" : "");
    return [as("listen", "监听", "listen"), as("whisper", "耳语", "whisper"), as("barge", "强插", "barge"),
      button("stop_supervising", {}, "退出", "leave")];
  }
  if (call.phase !== "talking" || call.part === "guest") return [];
  const busy = call.reaching !== null;
  const found = [];
  if (busy && call.reaching.answered) {
    found.push(button("complete", {}, "完成转接", "complete", "main"), button("three_way", {}, "三方", "three-way"));
  }
  if (busy || call.guests.length) found.push(button("cancel", {}, "取消，回到市民", "back to the caller"));
  if (!busy) {
    found.push(call.held ? button("resume", {}, "恢复", "resume", "on") : button("hold", {}, "保持", "hold"));
    found.push(make("button", { type: "button", id: "open-reach" }, ...both("转接 / 咨询 / 三方", "transfer…")));
  }
  found.push(call.muted ? button("mute", { on: false }, "取消静音", "unmute", "on") : button("mute", { on: true }, "静音", "mute"));
  found.push(call.recording === "paused"
    ? button("pause_recording", { on: false }, "恢复录音", "record", "on")
    : button("pause_recording", { on: true }, "暂停录音", "pause recording"));
  found.push(make("button", { type: "button", id: "open-keys" }, ...both("按键", "keys")));
  found.push(call.help ? button("end_help", {}, "结束求助", "end help", "on") : button("ask_help", {}, "求助班长", "help"));
  found.push(button("report_abuse", {}, "标记辱骂", "abuse"));
  found.push(button("hang_up", {}, "挂机", "hang up", "stop"));
  return found;
}

function emergencyButtons(call) {
  if (call.phase !== "talking" || call.part !== "agent" || call.reaching) return [];
  return choices.emergencies.map(({ value, label }) => button("reach", { target: value, how: "join" }, label, "one key", "urgent"));
}

function showDanger(call) {
  const box = byId("danger");
  const danger = call && call.phase !== "over" ? call.danger : null;
  box.hidden = !danger;
  if (!danger) return;
  box.replaceChildren(make("b", {}, ...both("危险", "danger")), ` “${danger.words}” `, danger.help ? make("strong", {}, `建议接 ${danger.help}`) : null);
}

/** Another language was heard: say so, and offer its lane for one click. Nobody is moved by it. */
function showSpoken(call) {
  const box = byId("spoken");
  const spoken = call && call.phase !== "over" && call.part !== "guest" ? call.spoken : null;
  box.hidden = !spoken;
  if (!spoken) return;
  const name = names.languages[spoken.language] || spoken.language;
  const may = spoken.lane && call.phase === "talking" && call.part === "agent" && !call.reaching;
  const shown = [make("span", {}, ...both(`市民好像在说 ${name}`, "is heard"))];
  if (may) shown.push(button("reach", { target: `lane:${spoken.lane.id}`, how: "transfer" }, `转到${spoken.lane.name}`, "transfer", "main"));
  settle(box, ...shown);
}

// --- the words -------------------------------------------------------------------------------

function line(leg, text, at, kind) {
  const who = leg === "citizen" ? "市民" : "坐席";
  return make("li", { className: `line ${leg} ${kind}` },
    make("span", { className: "at", textContent: Live.clock(at) }), make("span", { className: "who", textContent: who }),
    make("p", { textContent: text }));
}

function showLines(event) {
  const list = byId("lines");
  if (event.from === 0) { list.replaceChildren(); byId("partials").replaceChildren(); }
  const low = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  for (const each of event.lines) list.append(line(each.leg, each.text, each.start, ""));
  if (low) list.scrollTop = list.scrollHeight;
}

function showPartials({ partials }) {
  byId("partials").replaceChildren(...Object.entries(partials).map(([leg, each]) => line(leg, `${each.text}…`, each.start, "partial")));
}

// --- whom to reach -----------------------------------------------------------------------------

async function takeChoices() {
  try {
    choices = await Live.ask("GET", "/api/v1/agent/choices");
  } catch (error) {
    Live.fault(error);
    return;
  }
  if (shown.me) showMe(shown.me);
  if (shown.call) showCall(shown.call);
}

async function openReach() {
  await takeChoices();
  const group = (label, entries, note) => make("optgroup", { label }, ...entries.map((each) =>
    new Option(note ? `${each.label} ${note(each)}` : each.label, each.value)));
  const free = (each) => (each.state === "ready" ? "· 空闲 ready" : "· 不空闲 not free");
  byId("target").replaceChildren(group("人和部门 Places", choices.places), group("队列 Lanes", choices.lanes), group("坐席 Agents", choices.agents, free));
  byId("number").value = "";
  byId("reach").showModal();
}

byId("reach").addEventListener("click", async (event) => {
  const how = event.target.closest("[data-how]")?.dataset.how;
  if (!how) return;
  const number = byId("number").value.trim();
  byId("reach").close();
  await Live.act("reach", { target: number ? `number:${number}` : byId("target").value, how });
});

/** Keys go out in the order in which they were pressed, one after the other. */
let pressing = Promise.resolve();

byId("keys").addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]")?.dataset.key;
  if (key) pressing = pressing.then(() => Live.act("send_keys", { keys: key }));
});

// --- clocks --------------------------------------------------------------------------------------

function tick() {
  const { me, call } = shown;
  if (me && me.since) {
    const left = me.until ? `，剩 ${Live.clock(me.until - Live.now())}` : "";
    byId("state-clock").textContent = `${Live.clock(Live.now() - me.since)}${left}`;
  }
  if (!call) return;
  const waited = call.waited ?? (call.queued ? Live.now() - call.queued : null);
  byId("waited").textContent = Live.clock(waited);
  byId("call-clock").textContent = call.answered ? Live.clock((call.ended || Live.now()) - call.answered) : "";
}

setInterval(tick, 500);
takeChoices();
Live.listen("/api/v1/agent/events", { me: showMe, call: showCall, lines: showLines, partials: showPartials });
