"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const kept = JSON.parse(document.getElementById("charts").textContent);
  const root = document.documentElement;

  // Theme: what the system says, until the reader says otherwise.
  const system = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => root.dataset.theme || (system.matches ? "dark" : "light");
  const themeButton = document.getElementById("theme");
  const showTheme = () => {
    themeButton.setAttribute("aria-pressed", String(theme() === "dark"));
    redrawAll();
  };
  themeButton.addEventListener("click", () => {
    root.dataset.theme = theme() === "dark" ? "light" : "dark";
    showTheme();
  });
  system.addEventListener("change", () => { if (!root.dataset.theme) showTheme(); });

  // Pictures: drawn when they come near, again when theme or width change.
  const charts = all("[data-chart]").map((box) => ({ box, id: box.dataset.chart, drawn: "" }));
  const byBox = new Map(charts.map((chart) => [chart.box, chart]));
  const look = (chart) => `${theme()} ${Math.floor(chart.box.clientWidth)}`;
  const isShown = (chart) => chart.box.clientWidth > 0;
  // A map as high as its width wants, and no higher than a screen.
  const MOST_HEIGHT = 620, PADDING = 10;

  async function draw(chart) {
    if (!isShown(chart) || chart.drawn === look(chart)) return;
    chart.drawn = look(chart);
    const spec = structuredClone(kept.specs[chart.id]);
    for (const [name, rows] of Object.entries(spec.datasets)) {
      if (typeof rows === "string") spec.datasets[name] = structuredClone(kept.data[rows]);
    }
    const aspect = kept.aspects[chart.id];
    if (aspect) {
      const inside = chart.box.clientWidth - PADDING;
      spec.height = Math.min(Math.round(inside * aspect), MOST_HEIGHT);
    }
    const options = {
      // Complaints about tables that are rightly empty help no reader; errors are told.
      logLevel: 1,
      actions: false, ast: true, renderer: "svg", defaultStyle: false,
      tooltip: { disableDefaultStyle: true }, config: kept.themes[theme()],
    };
    if (chart.view) chart.view.finalize();
    const turn = {};
    chart.turn = turn;
    // Vega names what it is put into; our box keeps its own name.
    const inner = document.createElement("div");
    chart.box.replaceChildren(inner);
    const made = await window.vegaEmbed(inner, spec, options);
    inner.setAttribute("aria-label", chart.box.getAttribute("aria-label"));
    if (chart.turn !== turn) { made.finalize(); return; }
    chart.view = made;
    if (chart.box.classList.contains("map")) leadToRows(chart, made.view);
    chart.box.dataset.drawn = chart.drawn;
  }
  // One after the other, so that the page stays ready to be used.
  let queue = Promise.resolve();
  const drawSoon = (chart) => (queue = queue.then(() => draw(chart)));
  const near = new IntersectionObserver((seen) => {
    for (const one of seen) if (one.isIntersecting) drawSoon(byBox.get(one.target));
  }, { rootMargin: "600px" });
  const drawAll = () => Promise.all(charts.map(drawSoon));
  function redrawAll() {
    for (const chart of charts) {
      if (chart.drawn && chart.drawn !== look(chart)) {
        near.unobserve(chart.box);
        near.observe(chart.box);
      }
    }
  }
  let resizing = 0;
  addEventListener("resize", () => {
    clearTimeout(resizing);
    resizing = setTimeout(redrawAll, 200);
  });
  addEventListener("beforeprint", drawAll);
  document.getElementById("print").addEventListener("click", () => drawAll().then(() => print()));

  // One vantage at a time.
  const choice = document.getElementById("vantage");
  function showVantage() {
    for (const part of all("[data-vantage]")) part.hidden = part.dataset.vantage !== choice.value;
    redrawAll();
  }
  if (choice) {
    choice.addEventListener("change", showVantage);
    showVantage();
  }

  // Map to table and back.
  const anchorOf = (mark) => {
    const datum = mark.__data__ && mark.__data__.datum;
    return datum && typeof datum.href === "string" && datum.href.startsWith("#region-")
      ? datum.href.slice(1) : "";
  };
  const rowOf = (anchor) => all("table[data-landing] tr[data-anchor]")
    .find((row) => row.dataset.anchor === anchor && row.offsetParent !== null || (
      row.hidden && row.dataset.anchor === anchor && !row.closest("[data-vantage][hidden]")));
  function goToRow(anchor) {
    const row = rowOf(anchor);
    if (!row) return;
    if (row.hidden) clearFilters(row.closest(".table"));
    mark(row);
    row.scrollIntoView({ block: "center", inline: "nearest" });
    row.querySelector("button.back").focus({ preventScroll: true });
  }
  const followHash = () => {
    if (location.hash.startsWith("#region-")) goToRow(location.hash.slice(1));
  };
  addEventListener("hashchange", followHash);
  function mark(row) {
    for (const other of all("tr.here")) other.classList.remove("here");
    row.classList.add("here");
  }
  // Vega draws marks that no keyboard reaches: one of them takes the focus, arrows move it.
  function leadToRows(chart, view) {
    const marks = all("path", chart.box).filter(anchorOf);
    marks.forEach((one, at) => {
      const { label, text } = one.__data__.datum;
      one.setAttribute("tabindex", at ? "-1" : "0");
      one.setAttribute("role", "button");
      one.setAttribute("aria-label", `${label}, ${text}: go to its row`);
      one.addEventListener("click", () => goToRow(anchorOf(one)));
      one.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (step) moveFocus(marks, (at + step + marks.length) % marks.length);
        else if (event.key === "Enter" || event.key === " ") goToRow(anchorOf(one));
        else return;
        event.preventDefault();
      });
    });
  }
  function moveFocus(marks, at) {
    marks.forEach((one, place) => one.setAttribute("tabindex", place === at ? "0" : "-1"));
    marks[at].focus();
  }
  async function goToMap(row) {
    const chart = charts.find((one) => one.box.classList.contains("map") && isShown(one));
    if (!chart) return;
    mark(row);
    chart.box.scrollIntoView({ block: "center" });
    await drawSoon(chart);
    const marks = all("path", chart.box).filter(anchorOf);
    const at = marks.findIndex((one) => anchorOf(one) === row.dataset.anchor);
    if (at >= 0) moveFocus(marks, at);
  }

  // Tables: search, filters, sorting.
  const plain = (text) => text.toLowerCase().normalize("NFKD");
  function setUp(box) {
    const rows = all("tbody tr", box);
    const find = box.querySelector(".find");
    if (find) {
      const provider = box.querySelector("select.provider");
      const area = box.querySelector("select.area");
      const count = box.querySelector(".count");
      const filter = () => {
        const words = plain(find.value).split(/\s+/).filter(Boolean);
        let shown = 0;
        for (const row of rows) {
          row.words ??= plain(`${row.textContent} ${row.dataset.areas || ""}`);
          const fits = words.every((word) => row.words.includes(word))
            && (!provider || !provider.value || row.dataset.provider === provider.value)
            && (!area || !area.value || (row.dataset.areas || "").split(" ").includes(area.value));
          row.hidden = !fits;
          shown += fits;
        }
        count.textContent = shown === rows.length ? `${shown} rows` : `${shown} of ${rows.length} rows`;
      };
      box.filter = filter;
      for (const one of [find, provider, area]) if (one) one.addEventListener("input", filter);
    }
    const heads = all("thead th", box);
    heads.forEach((head, column) => {
      head.querySelector("button").addEventListener("click", () => {
        const rising = head.getAttribute("aria-sort") !== "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", rising ? "ascending" : "descending");
        sort(box, rows, column, rising);
      });
    });
    for (const row of rows) if (row.dataset.anchor) row.cells[0].append(" ", backOf(row));
  }
  // Made here, since thousands of them would be a tenth of the file.
  function backOf(row) {
    const back = document.createElement("button");
    back.type = "button";
    back.className = "back";
    back.textContent = "map";
    back.setAttribute("aria-label", `map of ${row.cells[0].textContent}`);
    back.addEventListener("click", () => goToMap(row));
    return back;
  }
  function clearFilters(box) {
    for (const one of all(".tools input, .tools select", box)) one.value = "";
    box.filter();
  }
  const collator = new Intl.Collator("en", { numeric: true });
  // Numbers by their value; what is no number ("-", "> 10 s") last in both directions.
  function sort(box, rows, column, rising) {
    const isNumber = all("thead th", box)[column].classList.contains("n");
    const keyed = rows.map((row, at) => {
      const cell = row.cells[column];
      const text = cell.textContent;
      const given = cell.dataset.v ?? text;
      const value = isNumber ? (given.trim() === "" ? NaN : Number(given)) : text;
      const lacks = isNumber ? Number.isNaN(value) : text === "-";
      return { row, at, value, lacks };
    });
    const sign = rising ? 1 : -1;
    keyed.sort((a, b) => a.lacks - b.lacks
      || (a.lacks ? 0 : sign * (isNumber ? a.value - b.value : collator.compare(a.value, b.value)))
      || a.at - b.at);
    box.querySelector("tbody").append(...keyed.map((one) => one.row));
  }
  for (const box of all(".table")) setUp(box);
  for (const chart of charts) near.observe(chart.box);
  // What is far away is drawn when there is nothing else to do.
  const idle = window.requestIdleCallback || ((then) => setTimeout(then, 200));
  const drawRest = (at) => {
    if (at < charts.length) idle(() => drawSoon(charts[at]).then(() => drawRest(at + 1)));
  };
  addEventListener("load", () => drawRest(0));
  showTheme();
  followHash();
})();
