// Curves over steps or time, with linear and logarithmic axes, and their values under the pointer.

// A chart of one or more series over the same x: {name, values}. Values may be null.
function lineChart({ title, unit, places, placeName, series, scales, floor }) {
  const readout = html('p', { class: 'readout', role: 'status' });
  const frame = html('div', {});
  const element = html('figure', {}, html('figcaption', {}, withUnit(title, unit)), frame,
    series.length > 1 ? html('ul', { class: 'key' }, series.map((one, index) =>
      html('li', {}, html('span', { class: `swatch swatch-${index}` }), one.name))) : null, readout);
  let width = 0, cursor = null, drawing = null;

  const positive = (values) => values.filter((value) => value !== null && value > 0);
  const everything = series.flatMap((one) => one.values).filter((value) => value !== null);

  function axis(values, isLog, from, to, count, isWhole) {
    let low = Math.min(...values), high = Math.max(...values);
    if (isLog) {
      if (low === high) { low /= 2; high *= 2; }
      const span = Math.log(high / low);
      return { place: (value) => from + (to - from) * Math.log(Math.max(value, low) / low) / span, ticks: logTicks(low, high, count), low, high };
    }
    if (low === high) { const pad = Math.abs(low) * 0.1 || 1; low -= pad; high += pad; }
    return { place: (value) => from + (to - from) * (value - low) / (high - low), ticks: linearTicks(low, high, count, isWhole), low, high };
  }

  function draw() {
    if (width === 0) return;
    const height = Math.max(190, Math.min(280, Math.round(width * 0.6)));
    const [left, right, top, bottom] = [62, width - 14, 10, height - 38];
    const xLog = scales.x === 'log', yLog = scales.y === 'log' && positive(everything).length > 0;
    const xs = xLog ? places.filter((place) => place > 0) : places;
    const x = axis(xs.length ? xs : [1], xLog, left, right, Math.max(2, Math.floor(width / 90)), placeName !== 'time');
    const values = yLog ? positive(everything) : [...everything, ...(floor === undefined ? [] : [floor])];
    const y = axis(values.length ? values : [0], yLog, bottom, top, 6);
    const isShown = (place, value) => value !== null && (!xLog || place > 0) && (!yLog || value > 0);
    const marks = svg('g');
    const children = [
      y.ticks.map((tick) => [
        svg('line', { class: 'grid', x1: left, x2: right, y1: y.place(tick), y2: y.place(tick) }),
        svg('text', { x: left - 6, y: y.place(tick) + 4, 'text-anchor': 'end' }, number(tick, 3)),
      ]),
      x.ticks.map((tick) => [
        svg('line', { class: 'axis', x1: x.place(tick), x2: x.place(tick), y1: bottom, y2: bottom + 4 }),
        svg('text', { x: x.place(tick), y: bottom + 17, 'text-anchor': 'middle' }, number(tick, 3)),
      ]),
      svg('line', { class: 'axis', x1: left, x2: right, y1: bottom, y2: bottom }),
      svg('text', { x: (left + right) / 2, y: height - 4, 'text-anchor': 'middle' }, placeName),
      series.map((one, index) => {
        let path = '', isOpen = false;
        places.forEach((place, row) => {
          const value = one.values[row];
          if (!isShown(place, value)) { isOpen = false; return; }
          path += `${isOpen ? 'L' : 'M'}${x.place(place).toFixed(1)} ${y.place(value).toFixed(1)}`;
          isOpen = true;
        });
        // A single row is a point.
        if (!path.includes('L')) path = path.replace(/M([^ M]+) ([^M]+)/g, 'M$1 $2h.01');
        return svg('path', { class: `curve curve-${index}`, 'stroke-linecap': 'round', d: path });
      }),
      marks,
    ];
    drawing = svg('svg', {
      viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: 'img',
      'aria-label': `${title} over ${placeName}: ${series.map((one) => `${one.name} from ${number(one.values.find((v) => v !== null))} to ${number(one.values.findLast((v) => v !== null))}`).join('; ')}. Left and right arrows read values.`,
      onpointermove: (event) => {
        const box = drawing.getBoundingClientRect();
        const wanted = (event.clientX - box.left) * width / box.width;
        let nearest = null, distance = Infinity;
        places.forEach((place, row) => {
          if (xLog && place <= 0) return;
          const away = Math.abs(x.place(place) - wanted);
          if (away < distance) [nearest, distance] = [row, away];
        });
        look(nearest);
      },
      onpointerleave: () => look(null),
      onkeydown: (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        look(Math.max(0, Math.min(places.length - 1, (cursor ?? (step > 0 ? -1 : places.length)) + step)));
      },
    }, children);
    frame.replaceChildren(drawing);
    look(cursor);

    function look(row) {
      cursor = row;
      if (row === null) {
        marks.replaceChildren();
        const last = places.length - 1;
        readout.textContent = `at the end, ${placeName} ${number(places[last])}: ` + words(last);
        return;
      }
      const at = x.place(places[row]);
      marks.replaceChildren(
        ...(xLog && places[row] <= 0 ? [] : [svg('line', { class: 'cursor', x1: at, x2: at, y1: top, y2: bottom })]),
        ...series.flatMap((one, index) => isShown(places[row], one.values[row])
          ? [svg('circle', { class: `point curve-${index}`, cx: at, cy: y.place(one.values[row]), r: 4 })] : []));
      readout.textContent = `${placeName} ${number(places[row])}: ` + words(row);
    }
  }

  const words = (row) => series.map((one) =>
    (series.length > 1 ? `${one.name} ` : '') + number(one.values[row]) + (unit ? ` ${unit}` : '')).join(', ');
  onWidth(frame, (now) => { width = now; draw(); });
  return { element, draw };
}

// Singular values as bars on a logarithmic axis, with the height below which they count as zero.
function spectrumChart(values, tolerance, rank) {
  const frame = html('div', {});
  const shown = values.filter((value) => value > 0);
  onWidth(frame, (width) => {
    const height = 220, [left, right, top, bottom] = [62, width - 14, 10, height - 38];
    const high = shown.length ? Math.max(...shown) : 1;
    const low = Math.min(...(shown.length ? shown : [1]), high / 10) / 2;
    const place = (value) => bottom - (bottom - top) * Math.log(Math.max(value, low) / low) / Math.log(high / low);
    const pitch = (right - left) / Math.max(values.length, 1), bar = Math.max(Math.min(pitch - Math.min(2, pitch / 4), 60), 0.5);
    const drawn = svg('svg', {
      viewBox: `0 0 ${width} ${height}`, role: 'img',
      'aria-label': `${counted(values.length, 'singular value')} from ${number(values[0])} to ${number(values.at(-1))}`,
    },
      logTicks(low, high, 6).map((tick) => [
        svg('line', { class: 'grid', x1: left, x2: right, y1: place(tick), y2: place(tick) }),
        svg('text', { x: left - 6, y: place(tick) + 4, 'text-anchor': 'end' }, number(tick, 2)),
      ]),
      values.map((value, index) => svg('rect', {
        class: index < rank ? 'bar' : 'bar lost', x: left + (index + 0.5) * pitch - bar / 2, width: bar, y: place(value), height: Math.max(bottom - place(value), 1),
      }, svg('title', {}, `σ${index + 1} = ${number(value)}`))),
      tolerance > low && tolerance < high
        ? svg('line', { class: 'cursor', x1: left, x2: right, y1: place(tolerance), y2: place(tolerance) }) : null,
      svg('line', { class: 'axis', x1: left, x2: right, y1: bottom, y2: bottom }),
      svg('text', { x: (left + right) / 2, y: height - 6, 'text-anchor': 'middle' },
        values.length === 1 ? 'one output value' : `1 to ${values.length.toLocaleString('en')}, the largest first`));
    frame.replaceChildren(drawn);
  });
  return html('figure', {}, html('figcaption', {}, 'Singular values of the sensitivities'), frame);
}
