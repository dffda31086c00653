"use strict";
(function () {
  const numeric = (text) => {
    const match = text.trim().match(/^[<>]?-?\d+(\.\d+)?(e[+-]?\d+)?/i);
    return match ? parseFloat(match[0].replace(/^[<>]/, "")) : null;
  };
  const compare = (a, b) => {
    const x = numeric(a), y = numeric(b);
    if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
    return x !== null && y !== null ? x - y || a.localeCompare(b) : a.localeCompare(b);
  };
  const sortBy = (table, header) => {
    const column = [...header.parentNode.children].indexOf(header);
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const other of header.parentNode.children) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [row.cells[column].textContent.trim(), row]);
    rows.sort((a, b) => (a[0] === "" || b[0] === "" ? compare(a[0], b[0]) : (down ? -1 : 1) * compare(a[0], b[0])));
    body.append(...rows.map((row) => row[1]));
  };
  for (const table of document.querySelectorAll("table.data")) {
    for (const header of table.tHead.rows[0].cells) {
      header.firstElementChild.addEventListener("click", () => sortBy(table, header));
    }
  }
  for (const input of document.querySelectorAll("input[data-filters]")) {
    const table = document.getElementById(input.dataset.filters);
    const shown = input.parentNode.querySelector("output");
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        count += row.hidden ? 0 : 1;
      }
      shown.textContent = words.length ? count + " of " + table.tBodies[0].rows.length : "";
    });
  }

  const box = document.getElementById("subjects-data");
  const page = document.getElementById("subject-page");
  if (!box) return;

  const make = (name, text, attributes) => {
    const element = document.createElement(name);
    if (text !== undefined && text !== null) element.textContent = text;
    for (const key in attributes || {}) element.setAttribute(key, attributes[key]);
    return element;
  };
  const draw = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const tableOf = (caption, headings, rows) => {
    const wrap = make("div", null, { class: "tablebox" });
    const scroll = make("div", null, { class: "scroll", tabindex: "0", role: "region", "aria-label": caption });
    const table = make("table", null, { class: "data" });
    const head = table.createTHead().insertRow();
    for (const heading of headings) head.append(make("th", heading, { scope: "col" }));
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      for (const cell of row) {
        const target = line.insertCell();
        if (cell && cell.text !== undefined) {
          target.textContent = cell.text;
          target.title = cell.title;
        } else target.textContent = cell === null || cell === undefined ? "" : cell;
        if (target.textContent.length > 60) target.className = "long";
      }
    }
    scroll.append(table);
    wrap.append(make("b", caption), scroll);
    return wrap;
  };
  const share = (value) => (value === null ? "" : (100 * value).toPrecision(3) + " %");
  const RESPONSE = { CR: "#0072B2", PR: "#56B4E9", SD: "#BDBDBD", "NON-CR/NON-PD": "#F0E442", PD: "#D55E00" };
  const GRADE = ["#FFFFFF", "#D6E6F4", "#9BC4E2", "#F4A259", "#C8553D", "#3B1C32"];
  const OUTCOME = { "first response": "#0072B2", progression: "#D55E00", "progression or death": "#D55E00", death: "#000000" };
  const STATE = { DETECTED: "#D55E00", NOT_DETECTED_ADEQUATE: "#009E73", NOT_DETECTED_INSUFFICIENT: "#F0E442" };

  const timeline = (story, data) => {
    const events = story.events.filter((event) => event[1] !== null || event[2] !== null);
    const width = 1000, left = 200, right = 56, level = 130, markWidth = 125;
    const rows = Math.min(events.length, 40);
    const days = [1, story.facts["last alive day"] || 1];
    for (const group of [story.visits.map((v) => v[1]), story.doses.map((d) => d[0]), story.scans.map((s) => s[0]), story.marks.map((m) => m[1])])
      days.push(...group.filter((day) => day !== null));
    const first = Math.min(...days) - 5, last = Math.max(...days) + 5;
    const x = (day) => left + ((width - left - right) * (day - first)) / (last - first);
    const ends = [], marks = story.marks.map(([name, day]) => {
      const start = x(day) > width - right - markWidth ? x(day) - markWidth : x(day);
      const free = ends.findIndex((end) => end < start), row = free < 0 ? ends.length : free;
      ends[row] = start + markWidth;
      return [name, day, row];
    });
    const top = 88 + ends.length * 15, height = top + level + rows * 14 + 42;
    const svg = draw("svg", { viewBox: "0 0 " + width + " " + height, width, height, role: "img",
      "aria-label": "Timeline of doses, scans, outcomes, ctDNA and adverse events of " + story.id });
    const label = (text, y) => svg.append(draw("text", { x: left - 10, y: y + 4, "text-anchor": "end" }, text));
    const titled = (element, text) => { element.append(draw("title", {}, text)); svg.append(element); };
    const step = [1, 2, 3, 6, 12].find((months) => (last - first) / data.daysPerMonth / months < 14) || 24;
    for (let month = 0; month * data.daysPerMonth < last; month += step) {
      const at = x(month * data.daysPerMonth + 1);
      svg.append(draw("line", { x1: at, x2: at, y1: 14, y2: height - 24, stroke: "#E3E8ED" }));
      svg.append(draw("text", { x: at, y: height - 8, "text-anchor": "middle" }, month + (month ? "" : " months")));
    }
    label("doses", 26);
    for (const dose of story.doses) if (dose[0] !== null)
      titled(draw("rect", { x: x(dose[0]) - 2, y: 18, width: 4, height: 16, fill: "#0072B2" }),
        "day " + dose[0] + (dose[1] === null ? "" : ": " + dose[1] + " " + dose[2]));
    label("scans", 56);
    for (const scan of story.scans) if (scan[0] !== null) {
      titled(draw("rect", { x: x(scan[0]) - 6, y: 48, width: 12, height: 12, stroke: "#555555",
        fill: RESPONSE[scan[1]] || "#FFFFFF" }), "day " + scan[0] + ": " + (scan[1] || "baseline") +
        (scan[3] === null ? "" : ", " + scan[3] + " % of target lesions") + (scan[4] ? ", new lesion" : ""));
      svg.append(draw("text", { x: x(scan[0]), y: 73, "text-anchor": "middle" }, scan[1] || ""));
    }
    if (marks.length) label("outcome", 90);
    for (const [name, day, row] of marks) {
      const turned = x(day) > width - right - markWidth, y = 87 + row * 15;
      svg.append(draw("line", { x1: x(day), x2: x(day), y1: 14, y2: top + level, stroke: OUTCOME[name], "stroke-dasharray": "3 3" }));
      titled(draw("circle", { cx: x(day), cy: y, r: 4, fill: OUTCOME[name] }), "day " + day + ": " + name);
      svg.append(draw("text", { x: x(day) + (turned ? -8 : 8), y: y + 4, "text-anchor": turned ? "end" : "start" }, name));
    }
    const drawn = story.visits.filter((visit) => visit[1] !== null);
    const values = drawn.flatMap((visit) => [visit[3], visit[4]]).filter((value) => value > 0);
    const low = Math.floor(Math.log10(Math.min(1, ...values))) , high = Math.ceil(Math.log10(Math.max(1e-6, ...values)));
    const y = (value) => top + level - (level * (Math.log10(value) - low)) / Math.max(1, high - low);
    label("ctDNA level", top + level / 2);
    if (values.length) for (let power = low; power <= high; power++)
      svg.append(draw("line", { x1: left, x2: width - right, y1: y(10 ** power), y2: y(10 ** power), stroke: "#E3E8ED" }),
        draw("text", { x: width - right + 4, y: y(10 ** power) + 4 }, String(+(10 ** power).toPrecision(1))));
    let before = null;
    for (const visit of drawn) {
      const at = x(visit[1]), found = visit[2] === "DETECTED", value = found ? visit[3] : visit[4];
      const known = visit[2] !== "NOT_EVALUABLE" && value > 0;
      if (visit[4] > 0) svg.append(draw("line", { x1: at - 6, x2: at + 6, y1: y(visit[4]), y2: y(visit[4]), stroke: "#8A8A8A" }));
      if (known && before) svg.append(draw("line", { x1: before[0], y1: before[1], x2: at, y2: y(value), stroke: "#0072B2" }));
      before = known ? [at, y(value)] : null;
      const place = known ? y(value) : top + level;
      const mark = !known && visit[2] === "NOT_EVALUABLE"
        ? draw("path", { d: "M" + (at - 4) + "," + (place - 4) + "l8,8m0,-8l-8,8", stroke: "#8A8A8A", fill: "none" })
        : found ? draw("circle", { cx: at, cy: place, r: 4.5, stroke: "#333333", fill: known ? STATE.DETECTED : "#FFFFFF" })
        : draw("path", { d: "M" + (at - 5) + "," + (place - 4) + "h10l-5,9z", stroke: "#333333", fill: STATE[visit[2]] });
      titled(mark, visit[7] || visit[0] + ": " + data.states[visit[2]]);
    }
    events.slice(0, rows).forEach((event, row) => {
      const from = event[1] === null ? first : event[1], to = event[2] === null ? last - 4 : event[2];
      const at = top + level + 22 + row * 14;
      label((event[0].length > 28 ? event[0].slice(0, 27) + "\u2026" : event[0]) + (event[3] === null ? "" : " (" + event[3] + ")"), at);
      titled(draw("rect", { x: x(from), y: at - 5, width: Math.max(3, x(to) - x(from)), height: 10, stroke: "#777777",
        fill: GRADE[event[3] || 0] }), event[0] + ", grade " + event[3] + (event[4] ? ", related" : "") +
        (event[5] ? ", serious" : "") + ", from day " + event[1] + (event[2] === null ? ", ongoing" : " to " + event[2]));
    });
    return svg;
  };

  const variantTable = (story) => {
    const rows = story.variants.rows.map((variant) => {
      const cells = story.variants.draws.map(() => "");
      for (const [column, status, vaf, alt, depth] of variant[3]) {
        const count = depth === null ? "" : " " + alt + "/" + depth;
        cells[column] = status.toLowerCase().replaceAll("_", " ") + (vaf ? " " + share(vaf) : "") + count;
      }
      return [variant[0], variant[1], variant[2] ? "yes" : "no", ...cells];
    });
    return tableOf("Tracked variants by visit (status, VAF, alt/depth)", ["variant", "place", "in level", ...story.variants.draws], rows);
  };

  const show = (data, id) => {
    const number = data.subjects.findIndex((story) => story.id === id);
    page.hidden = number < 0;
    document.getElementById("subject-choice").value = number < 0 ? "" : id;
    if (number < 0) return;
    const story = data.subjects[number];
    const bar = make("div", null, { class: "bar" });
    const go = (text, target) => {
      const button = make("button", text, { type: "button" });
      button.disabled = target === undefined;
      button.addEventListener("click", () => { location.hash = target === null ? "#summary" : "#subject=" + encodeURIComponent(target); });
      bar.append(button);
    };
    bar.append(make("h2", "Subject " + id, { id: "subject-heading", tabindex: "-1" }));
    go("previous", number ? data.subjects[number - 1].id : undefined);
    go("next", number + 1 < data.subjects.length ? data.subjects[number + 1].id : undefined);
    go("close", null);
    const facts = Object.entries(story.facts).map((fact) => fact[0] + ": " + fact[1]).join(" · ");
    const told = make("div");
    for (const [topic, sentence] of story.sentences) {
      const line = make("p", null, { class: "sentence" });
      line.append(make("b", topic + ": "), sentence);
      told.append(line);
    }
    const lane = make("div", null, { class: "lane", tabindex: "0", role: "region", "aria-label": "Timeline" });
    lane.append(timeline(story, data));
    page.replaceChildren(bar, make("p", facts, { class: "note" }), lane, told);
    if (story.variants.rows.length) page.append(variantTable(story));
    if (story.visits.length) page.append(tableOf("Plasma draws", ["visit", "day", "state", "level", "limit (LoD95)", "ratio", "event", "in words"],
      story.visits.map((v) => [v[0], v[1], data.states[v[2]] || v[2], v[2].startsWith("NOT_DETECTED") ? "not detected" : v[3], v[4], v[5], v[6], v[7]])));
    if (story.specimens.length) page.append(tableOf("HER2 specimens", data.specimenHeadings, story.specimens));
    page.scrollIntoView();
    document.getElementById("subject-heading").focus({ preventScroll: true });
  };

  const datasets = (data) => ({
    subjects: data.subjects.filter((story) => story.facts["best response"]).map((story) => ({
      subject: story.id, change: story.facts["best change %"] ?? null, confirmed: story.facts.confirmed || "",
      ratio: story.facts["ctDNA ratio"] ?? null, her2: story.facts.HER2 || "not known", clearance: story.facts.clearance || "no result" })),
    draws: data.subjects.flatMap((story) => story.visits
      .filter((v) => v[1] !== null && v[2] !== "NOT_EVALUABLE" && (v[2] === "DETECTED" ? v[3] : v[4]) > 0)
      .map((v) => ({ subject: story.id, visit: v[0], month: v[1] / data.daysPerMonth, state: data.states[v[2]],
        height: v[2] === "DETECTED" ? v[3] : v[4], clearance: story.facts.clearance || "no result" }))) });

  const unpack = async (element) => {
    const bytes = Uint8Array.from(atob(element.textContent.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };
  // A legend lists the classes that somebody has.
  const narrow = (spec, rows) => {
    for (const part of spec.layer || [spec]) for (const { field, scale } of Object.values(part.encoding)) if (scale && scale.domain) {
      const found = new Set(rows.map((row) => row[field])), all = scale.domain, kept = (value, i) => found.has(all[i]);
      scale.domain = all.filter(kept);
      if (scale.range) scale.range = scale.range.filter(kept);
    }
  };
  let loaded = null;
  const library = () => {
    loaded = loaded || unpack(document.getElementById("bundle")).then((text) => {
      document.head.append(make("script", text));
    });
    return loaded;
  };
  const chart = async (figure, sets) => {
    if (figure.dataset.begun) return;
    figure.dataset.begun = "yes";
    await library();
    const spec = JSON.parse(figure.querySelector("script.spec").textContent);
    spec.datasets = sets;
    narrow(spec, sets[spec.data.name]);
    const result = await vegaEmbed(figure.querySelector(".chart"), spec, { actions: false, renderer: "svg" });
    result.view.addEventListener("click", (event, item) => {
      if (item && item.datum && item.datum.subject) location.hash = "#subject=" + encodeURIComponent(item.datum.subject);
    });
    figure.dataset.ready = "yes";
  };

  const whenIdle = (task) => (window.requestIdleCallback ? requestIdleCallback(task, { timeout: 2000 }) : setTimeout(task, 200));

  const start = async () => {
    const data = JSON.parse(await unpack(box));
    const choice = document.getElementById("subject-choice");
    for (const story of data.subjects) choice.append(make("option", story.id, { value: story.id }));
    choice.addEventListener("change", () => { location.hash = choice.value ? "#subject=" + encodeURIComponent(choice.value) : "#summary"; });
    const follow = () => {
      const match = location.hash.match(/^#subject=(.*)$/);
      if (match) show(data, decodeURIComponent(match[1]));
      else if (location.hash === "#summary") show(data, "");
    };
    window.addEventListener("hashchange", follow);
    const known = new Set(data.subjects.map((story) => story.id));
    for (const text of document.querySelectorAll("figure svg text")) if (known.has(text.textContent.trim())) {
      text.style.cursor = "pointer";
      text.addEventListener("click", () => { location.hash = "#subject=" + encodeURIComponent(text.textContent.trim()); });
    }
    follow();
    if (document.getElementById("bundle")) {
      const sets = datasets(data), figures = [...document.querySelectorAll("figure[data-chart]")];
      const seen = new IntersectionObserver((entries) => {
        for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); chart(entry.target, sets); }
      }, { rootMargin: "400px" });
      for (const figure of figures) seen.observe(figure);
      whenIdle(async function next() {
        const figure = figures.shift();
        if (!figure) return;
        await chart(figure, sets);
        whenIdle(next);
      });
    }
    document.documentElement.dataset.ready = "yes";
  };
  start();
})();
