"use strict";
// Draw each chart over its still picture. The interpreter (`ast`) evaluates Vega's expressions without making functions
// out of text, so the page needs no 'unsafe-eval'. If anything fails, the still picture stays.
(async () => {
  const shared = {{ config | tojson }};
  for (const data of document.querySelectorAll('figure script[type="application/json"]')) {
    const figure = data.closest("figure");
    const slot = figure.querySelector(".chart");
    const spec = { config: shared, ...JSON.parse(data.textContent) };
    if (data.dataset.fields) spec.datasets[spec.data.name] = rows(figure, data.dataset);
    const fresh = document.createElement("div");
    try {
      await vegaEmbed(fresh, spec, { renderer: "svg", ast: true, actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true } });
      slot.replaceChildren(fresh);
      figure.dataset.drawn = "yes";
      offer(figure, spec);
    } catch (error) {
      figure.dataset.drawn = "no";
      console.error(figure.id, error);
    }
  }
  document.documentElement.dataset.ready = "yes";
})();

// The numbers of a fan stand in the page once, in the link to its CSV: the date first, the fields last in each line.
function rows(figure, { fields, divisor }) {
  const names = fields.split(" ");
  const [, ...lines] = decodeURIComponent(figure.querySelector("a[download]").href.split(/,(.*)/s)[1]).trim().split("\n");
  return lines.map((line) => {
    const cells = line.split(",");
    const numbers = cells.slice(-names.length).map((text) => Number((Number(text) / divisor).toPrecision(12)));
    return Object.fromEntries([["date", cells[0]], ...names.map((name, k) => [name, numbers[k]])]);
  });
}

// Links to save the picture and its spec; both are made on this computer.
function offer(figure, spec) {
  const save = (label, type, name, make) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([make()], { type }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    figure.querySelector(".save").append(button);
  };
  const styles = getComputedStyle(document.documentElement);
  const flat = (text) => text.replace(/var\((--[\w-]+)\)/g, (_, name) => styles.getPropertyValue(name).trim());
  save("SVG", "image/svg+xml", `${figure.id}.svg`, () => flat(new XMLSerializer().serializeToString(figure.querySelector(".chart svg"))));
  save({{ tr("Vega spec") | tojson }}, "application/json", `${figure.id}.json`, () => flat(JSON.stringify(spec, null, 1)));
}
