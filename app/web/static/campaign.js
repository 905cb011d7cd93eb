// The curve of a campaign: running sums over time, asked for again while it runs. The same numbers are in the table below it.
(() => {
  const place = document.getElementById("curve");
  if (!place || !window.echarts) return;
  const style = getComputedStyle(document.body);
  const ink = (name) => style.getPropertyValue(name).trim();
  const chart = echarts.init(place, null, { renderer: "svg" });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const colours = [ink("--accent"), ink("--good"), ink("--attention")];
  const draw = (curve) => {
    chart.setOption({
      animation: !calm, animationDuration: 180, color: colours,
      textStyle: { fontFamily: style.fontFamily, color: ink("--text-2") },
      grid: { left: 56, right: 88, top: 16, bottom: 32 },
      tooltip: { trigger: "axis", backgroundColor: ink("--surface"), borderColor: ink("--line"), textStyle: { color: ink("--text") } },
      xAxis: { type: "category", data: curve.minutes, boundaryGap: false, axisLine: { lineStyle: { color: ink("--line") } }, axisLabel: { color: ink("--text-2"), hideOverlap: true } },
      yAxis: { type: "value", min: 0, minInterval: 1, axisLabel: { color: ink("--text-2") }, splitLine: { lineStyle: { color: ink("--line") } } },
      series: Object.entries(curve.lines).map(([name, data]) => ({
        name, data, type: "line", showSymbol: data.length < 2, lineStyle: { width: 2 },
        endLabel: { show: true, formatter: "{a}", color: "inherit" }, labelLayout: { moveOverlap: "shiftY" },
      })),
    });
  };
  const load = async () => {
    const answer = await fetch(place.dataset.curve);
    if (answer.ok) draw(await answer.json());
  };
  load();
  if (place.dataset.live === "yes") setInterval(load, 3000);
  addEventListener("resize", () => chart.resize());
})();
