// The supervisors' wallboard: lanes, agents, calls for help, danger.
"use strict";

let board = null;
let alerts = { help: [], danger: [] };

const percent = (level) => (level === null ? "—" : `${Math.round(level * 100)}%`);
const row = (...cells) => make("tr", {}, ...cells);
const cell = (label, text, kind = "") => make("td", { className: kind, textContent: text, data: { label } });

function listenButtons(agent) {
  const as = (how, zh, en) => make("button", {
    type: "button", onclick: () => Live.act("supervise", { agent, how }),
  }, ...both(zh, en));
  return make("span", { className: "buttons" }, as("listen", "监听", "listen"), as("whisper", "耳语", "whisper"), as("barge", "强插", "barge"));
}

function laneRow(lane) {
  const late = lane.level !== null && lane.level < 0.85;
  return row(
    make("td", { className: "wide", textContent: lane.name, data: { label: "队列" } }),
    cell("等待", lane.waiting, lane.waiting ? "much" : ""),
    make("td", { data: { label: "最久", since: lane.since ?? "" } }),
    cell("在岗", lane.staffed, lane.staffed ? "" : "much"),
    cell("空闲", lane.ready),
    cell("来电", lane.came),
    cell("接起", lane.answered),
    cell("放弃", lane.abandoned),
    cell("15 秒接通", percent(lane.level), late ? "much" : ""),
  );
}

function agentCard(agent) {
  const listens = agent.state === "talking" ? [listenButtons(agent.agent)] : [];
  return make("li", { data: { state: agent.state } },
    make("b", { textContent: agent.name }), make("span", { className: "id", textContent: agent.agent }),
    make("span", { className: "doing" }, ...both(agent.words.zh, agent.words.en)),
    make("time", { data: { since: agent.since || "" } }), ...listens);
}

function showBoard(found) {
  board = found;
  byId("lanes").replaceChildren(...board.lanes.map(laneRow));
  const on = board.agents.filter((agent) => agent.state !== "off");
  const off = board.agents.length - on.length;
  byId("agents").replaceChildren(...on.map(agentCard));
  byId("doing").textContent = `${on.length} 在线 online · ${off} 未登录 off`;
  const since = new Date(board.since * 1000);
  byId("since").textContent = `${since.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" })} 起 since · 15 秒接通 = 15 秒内接起 ÷（接起 + 放弃）`;
  tick();
}

function alert(kind, title, call, ...more) {
  const where = call.lane ? call.lane.name : "—";
  const who = call.agent ? `坐席 ${call.agent}` : "尚无坐席";
  return make("div", { className: `alert ${kind}` }, make("b", {}, ...both(...title)),
    ` ${who} · ${where} · ${call.caller} `, ...more, " ", make("time", { data: { since: call.at } }),
    call.agent && call.phase === "talking" ? listenButtons(call.agent) : null);
}

function showAlerts(found) {
  alerts = found;
  const seen = (call) => (call.seen ? make("span", { className: "note", textContent: `已看 ${call.seen}` }) : make("button", {
    type: "button", onclick: () => Live.ask("POST", `/api/v1/board/danger/${encodeURIComponent(call.call)}`, {}).catch((error) => Live.fault(error)),
  }, ...both("已看到", "seen")));
  byId("alerts").replaceChildren(
    ...alerts.danger.map((call) => alert(call.seen ? "danger seen" : "danger", ["危险", "danger"], call, `“${call.words}” `, call.help ? `建议 ${call.help} ` : "", seen(call))),
    ...alerts.help.map((call) => alert("help", ["求助", "help"], call, call.text)),
  );
  const open = alerts.help.length + alerts.danger.filter((call) => !call.seen).length;
  document.title = `${open ? `⚠ ${open} ` : ""}${document.title.replace(/^⚠ \d+ /, "")}`;
  tick();
}

function tick() {
  for (const clock of document.querySelectorAll("[data-since]")) {
    clock.textContent = clock.dataset.since ? Live.clock(Live.now() - Number(clock.dataset.since)) : "—";
  }
}

setInterval(tick, 500);
Live.listen("/api/v1/board/events", { board: showBoard, alerts: showAlerts });
