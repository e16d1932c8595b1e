// The network: devices as lines whose width is the conductance and whose colour is its change.
//
// Lines and dots keep their width when the drawing is enlarged; names appear where there is room for them.

const kinds = {
  r: 'resistor', v: 'voltage source', i: 'current source', c: 'capacitor', l: 'inductor', d: 'diode', q: 'bipolar transistor',
  m: 'MOSFET', j: 'JFET', z: 'MESFET', e: 'voltage-controlled voltage source', f: 'current-controlled current source',
  g: 'voltage-controlled current source', h: 'current-controlled voltage source', b: 'behavioural source', s: 'switch', w: 'switch',
  t: 'transmission line', o: 'transmission line', u: 'RC line', k: 'coupling', a: 'code model', n: 'compiled model', x: 'subcircuit', p: 'coupled lines', y: 'lossy line',
};

// What there is to tell of a device: values from the report, in words.
function deviceFacts(report, device) {
  const { changes, network } = report;
  const unit = device.kind === 'resistor' ? 'Ω' : device.letter === 'i' ? 'A' : 'V';
  const after = device.change === undefined ? device.value : changes.after[device.change];
  const before = device.change === undefined ? undefined : changes.before?.[device.change];
  return { unit: device.change === undefined ? unit : changes.units[device.change], after, before, isTrained: device.change !== undefined,
    ends: device.nodes.map((node) => network.nodes[node].name) };
}

function deviceText(report, device, sample) {
  const facts = deviceFacts(report, device);
  const lines = [`${device.name}, ${kinds[device.letter] ?? 'device'} ${facts.isTrained ? '(trained)' : device.isInput ? '(input)' : device.kind === 'other' ? '' : '(fixed)'}`.trim(),
    `between ${facts.ends.join(' and ')}${device.isOutput ? '; its current is an output' : ''}`];
  if (facts.before !== undefined && facts.before !== null) {
    lines.push(`before ${quantity(facts.before, facts.unit)}, after ${quantity(facts.after, facts.unit)}`
      + (facts.before !== 0 ? ` (× ${number(facts.after / facts.before, 4)})` : ''));
  } else if (facts.after !== undefined && facts.after !== null && !device.isInput) lines.push(quantity(facts.after, facts.unit));
  if (device.kind === 'resistor' && sample?.voltages && facts.after > 0) {
    const [a, b] = device.nodes.map((node) => sample.voltages[node]);
    if (a !== null && b !== null) lines.push(`sample ${sample.number}: ${quantity(a - b, 'V')} across it, ${quantity((a - b) / facts.after, 'A')}`);
  }
  return lines.join('\n');
}

function nodeText(report, index, sample) {
  const node = report.network.nodes[index];
  const roles = node.roles.map((role) => ({ input: 'driven by an input', source: 'driven by a source', output: 'part of an output' })[role]);
  const lines = [`node ${node.name}${roles.length ? `: ${roles.join(', ')}` : ''}`];
  const voltage = sample?.voltages?.[index];
  if (voltage !== undefined && voltage !== null) lines.push(`sample ${sample.number}: ${quantity(voltage, 'V')}`);
  return lines.join('\n');
}

// Whether a line meets a box [left, top, right, bottom]: Liang and Barsky's clipping.
function crosses([ax, ay], [bx, by], [left, top, right, bottom]) {
  let [from, to] = [0, 1];
  for (const [start, step, low, high] of [[ax, bx - ax, left, right], [ay, by - ay, top, bottom]]) {
    if (step === 0) {
      if (start < low || start > high) return false;
      continue;
    }
    const [first, last] = [(low - start) / step, (high - start) / step].sort((a, b) => a - b);
    [from, to] = [Math.max(from, first), Math.min(to, last)];
    if (from > to) return false;
  }
  return true;
}

function drawNetwork(report) {
  const { network, changes } = report;
  const devices = network.devices, nodes = network.nodes;
  const isSmall = devices.length <= 60;
  let sample = report.states.worst.find((one) => one.voltages) ?? null;

  // Widths: the logarithm of the conductance, between the least and the greatest. The thousandth at either end
  // does not count, or one open resistor would leave nothing for the others.
  const conductances = devices.filter((device) => device.kind === 'resistor')
    .map((device) => deviceFacts(report, device).after).filter((r) => r > 0).map((r) => -Math.log10(r)).sort((a, b) => a - b);
  const cut = Math.floor(conductances.length / 50);
  const thinnest = conductances[cut] ?? 0, thickest = conductances.at(-1 - cut) ?? 0;
  const widest = devices.length > 1000 ? 3.5 : devices.length > 200 ? 5 : 7, narrowest = devices.length > 1000 ? 0.7 : 1.2;
  function widthOf(resistance) {
    if (!(resistance > 0)) return 2;
    const share = thickest > thinnest ? (-Math.log10(resistance) - thinnest) / (thickest - thinnest) : 0.4;
    return narrowest + (widest - narrowest) * Math.max(0, Math.min(1, share));
  }

  // Colours: the logarithm of the change of conductance, in four shades either way.
  const ratios = changes.before
    ? devices.filter((device) => device.kind === 'resistor' && device.change !== undefined)
      .map((device) => Math.abs(Math.log(changes.before[device.change] / changes.after[device.change]))).filter(Number.isFinite).sort((a, b) => a - b)
    : [];
  const largest = ratios.length ? ratios[Math.min(ratios.length - 1, Math.floor(ratios.length * 0.98))] : 0;
  // Sources have no such ratio, and may change their sign: the change itself, over the largest.
  const moved = (device) => changes.after[device.change] - changes.before[device.change];
  const trainedSources = changes.before ? devices.filter((device) => device.kind === 'source' && device.change !== undefined) : [];
  const farthest = Math.max(0, ...trainedSources.map((device) => Math.abs(moved(device))));
  function sourceShade(device) {
    if (!trainedSources.includes(device) || farthest === 0) return '';
    const shade = Math.floor(4 * Math.sqrt(Math.abs(moved(device)) / farthest) + 0.5);
    return shade < 1 ? 'same' : `${moved(device) > 0 ? 'up' : 'down'}-${Math.min(4, shade)}`;
  }
  function shadeOf(device) {
    if (device.change === undefined) return 'fixed';
    if (!changes.before || largest === 0) return 'same';
    const ratio = Math.log(changes.before[device.change] / changes.after[device.change]);
    // Shade k begins at the part (k/4)² of the largest change less a shade, so that small changes are seen too.
    const shade = Math.min(4, Math.floor(4 * Math.sqrt(Math.abs(ratio) / largest) + 0.5));
    return shade < 1 || !Number.isFinite(ratio) ? 'same' : `${ratio > 0 ? 'up' : 'down'}-${shade}`;
  }

  // Places. Devices between the same nodes lie side by side.
  const pairs = new Map();
  const placeOf = (device, node) => (node === 0 ? device.ground ?? [0, 0] : [nodes[node].x, nodes[node].y]);
  const paths = devices.map((device) => {
    if (device.place) {
      return device.nodes.filter((node, index) => device.nodes.indexOf(node) === index)
        .map((node) => [device.place, placeOf(device, node)]);
    }
    const [a, b] = device.nodes;
    if (a === b && a !== 0) return [];
    const ends = [placeOf(device, a), placeOf(device, b)];
    if (a === 0 || b === 0) return [ends];
    const key = `${Math.min(a, b)} ${Math.max(a, b)}`, beside = pairs.get(key) ?? 0;
    pairs.set(key, beside + 1);
    if (beside === 0) return [ends];
    const from = a < b ? ends : [...ends].reverse();
    const [dx, dy] = [from[1][0] - from[0][0], from[1][1] - from[0][1]];
    const offset = 0.28 * Math.ceil(beside / 2) * (beside % 2 ? 1 : -1);
    const middle = [(from[0][0] + from[1][0]) / 2 - dy * offset, (from[0][1] + from[1][1]) / 2 + dx * offset];
    return [[ends[0], middle], [middle, ends[1]]];
  });
  const middleOf = (index) => {
    if (devices[index].place) return devices[index].place;
    const lines = paths[index];
    if (lines.length === 2) return lines[0][1];
    return lines.length ? [(lines[0][0][0] + lines[0][1][0]) / 2, (lines[0][0][1] + lines[0][1][1]) / 2] : null;
  };
  const everyPlace = [...nodes.slice(1).map((node) => [node.x, node.y]),
    ...devices.flatMap((device) => [device.ground, device.place].filter(Boolean))];
  const extent = [Math.max(1, ...everyPlace.map((place) => place[0])), Math.max(1, ...everyPlace.map((place) => place[1]))];

  // Where lines cover each other, those that changed little let the others through: how much of the drawing lines
  // would cover, were it 1000 wide.
  const stretch = 1000 / Math.max(...extent);
  const ink = devices.reduce((sum, device, index) => sum + (device.kind !== 'resistor' ? 0 : paths[index].reduce((length, [a, b]) =>
    length + stretch * Math.hypot(b[0] - a[0], b[1] - a[1]), 0) * widthOf(deviceFacts(report, device).after)), 0)
    / (stretch * stretch * extent[0] * Math.max(extent[1], 0.2 * extent[0]));
  const faintest = Math.max(0.12, Math.min(1, 0.5 / ink));
  const thinner = Math.max(0.4, Math.min(1, 1 / Math.sqrt(ink)));
  // From 0 to 1: its change, or without one its conductance.
  function weightOf(device) {
    if (device.kind !== 'resistor') return 1;
    if (largest > 0) return device.change === undefined ? 0 : Math.min(1, Math.abs(Math.log(changes.before[device.change] / changes.after[device.change])) / largest);
    return (widthOf(deviceFacts(report, device).after) - narrowest) / (widest - narrowest);
  }

  const point = (x, y) => `M${x} ${y}h.01`;
  const haloes = svg('g'), wires = svg('g'), dots = svg('g'), names = svg('g');
  const world = svg('g', {}, haloes, wires, dots);
  const wireOf = [];
  devices.forEach((device, index) => {
    const isResistor = device.kind === 'resistor';
    const kind = isResistor ? shadeOf(device) : device.kind === 'source' ? `source${device.isInput ? ' input' : ''} ${sourceShade(device)}` : 'other';
    const width = isResistor ? thinner * widthOf(deviceFacts(report, device).after) : device.change !== undefined ? 3 : 1.5;
    const opacity = faintest + (1 - faintest) * weightOf(device);
    wireOf.push(svg('path', { class: `wire ${kind}`, 'stroke-width': width.toFixed(2), 'data-device': index,
      'stroke-opacity': opacity > 0.995 ? null : opacity.toFixed(2),
      d: paths[index].map(([a, b]) => `M${a[0]} ${a[1]}L${b[0]} ${b[1]}`).join('') }));
    if (device.ground && !isSmall) dots.append(svg('path', { class: 'dot ground', 'stroke-width': 4, d: `M${device.ground[0] - 0.01} ${device.ground[1]}h.02` }));
    if (!isResistor && !isSmall && middleOf(index)) dots.append(svg('path', { class: `dot ${device.isInput ? 'input' : 'part'}`, 'stroke-width': 5, d: point(...middleOf(index)) }));
  });
  wires.append(...devices.map((device, index) => [weightOf(device), index]).sort((a, b) => a[0] - b[0]).map(([, index]) => wireOf[index]));
  const nodeSize = devices.length > 1000 ? 2.5 : devices.length > 200 ? 4 : 7;
  nodes.forEach((node, index) => {
    if (index === 0) return;
    const isOutput = node.roles.includes('output'), role = node.roles.find((one) => one !== 'output');
    if (isOutput) {
      dots.append(svg('path', { class: 'dot ring', 'stroke-width': nodeSize + 9, d: point(node.x, node.y) }),
        svg('path', { class: 'dot hole', 'stroke-width': nodeSize + 4, d: point(node.x, node.y) }));
    }
    // Where lines meet in thousands, a dot each would hide them.
    if (devices.length > 1000 && node.roles.length === 0) return;
    dots.append(svg('path', { class: `dot ${role ?? ''}`, 'stroke-width': role ? nodeSize + 3 : nodeSize, d: point(node.x, node.y), 'data-node': index }));
  });
  for (const dot of dots.children) dot.setAttribute('class', `dot ${dot.getAttribute('class')}`.replace('dot dot', 'dot'));

  const tip = html('div', { class: 'tip', hidden: true });
  const chosen = html('div', { class: 'chosen', role: 'status', id: 'chosen' }, 'Choose a device or a node to see its values.');
  const drawing = svg('svg', {
    tabindex: 0, role: 'application', id: 'drawing',
    'aria-label': `The network: ${counted(devices.length, 'device')} at ${counted(nodes.length - 1, 'node')}. Arrows choose the next device, plus and minus enlarge and reduce, 0 shows all. All values are in the tables below.`,
  }, world, names);
  const stage = html('div', { class: 'stage' }, drawing, tip);

  // What is seen: world place p is at scale · p + shift.
  let [width, height, scale, shift] = [0, 0, 1, [0, 0]];
  const margin = 46;
  const seen = (place) => [scale * place[0] + shift[0], scale * place[1] + shift[1]];
  const fitting = () => Math.min((width - 2 * margin) / extent[0], (height - 2 * margin) / extent[1]);
  function fit() {
    scale = fitting();
    shift = [(width - scale * extent[0]) / 2, (height - scale * extent[1]) / 2];
    look();
  }
  function zoom(factor, at = [width / 2, height / 2]) {
    const next = Math.max(0.5 * fitting(), Math.min(60 * fitting(), scale * factor));
    shift = shift.map((value, axis) => at[axis] - (at[axis] - value) * next / scale);
    scale = next;
    look();
  }
  function look() {
    world.setAttribute('transform', `matrix(${scale} 0 0 ${scale} ${shift[0]} ${shift[1]})`);
    label();
  }

  // Names, the most telling first, wherever no other is in the way.
  function label() {
    const placed = [], shown = [];
    const isFree = (box) => box[0] > 2 && box[2] < width - 2 && box[1] > 2 && box[3] < height - 2
      && placed.every((other) => box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]);
    // Whether another line runs through a box: a name there could be that line's.
    const isCrossed = (box, own) => devicesInSight.some(([, index]) =>
      index !== own && paths[index].some(([a, b]) => crosses(seen(a), seen(b), box)));
    // Beside a place; along the normal of a device's line where there is one.
    function text(content, place, kind, distance, normal, own) {
      const [x, y] = seen(place);
      if (x < -20 || y < -20 || x > width + 20 || y > height + 20) return false;
      const half = 0.31 * 12 * content.length + 2;
      const away = normal ? half * Math.abs(normal[0]) + 8 * Math.abs(normal[1]) + distance : 0;
      const tries = normal ? [1, -1].map((side) => [side * normal[0] * away, side * normal[1] * away + 4]) : [[0, -distance - 5], [0, distance + 12], [half + distance, 4], [-half - distance, 4], [half, -distance - 2], [-half, -distance - 2], [half, distance + 10], [-half, distance + 10]];
      for (const [dx, dy] of tries) {
        const box = [x + dx - half, y + dy - 11, x + dx + half, y + dy + 3];
        if (!isFree(box) || normal && isCrossed(box, own)) continue;
        placed.push(box);
        shown.push(svg('text', { class: kind, x: x + dx, y: y + dy, 'text-anchor': 'middle' }, content));
        return true;
      }
      return false;
    }
    const isIn = ([x, y]) => x > -10 && y > -10 && x < width + 10 && y < height + 10;
    const inSight = nodes.map((node, index) => [node, index]).filter(([node, index]) => index > 0 && isIn(seen([node.x, node.y])));
    const devicesInSight = devices.map((device, index) => [device, index, middleOf(index)]).filter(([, , middle]) => middle && isIn(seen(middle)));
    const room = width * height;
    const isOpen = room / Math.max(1, devicesInSight.length) > 3500;
    const symbols = isSmall || isOpen;
    if (symbols) {
      // As large as their distances let them be.
      const centres = devicesInSight.filter(([device]) => device.kind !== 'resistor').map(([, , middle]) => seen(middle));
      const nearest = centres.reduce((least, a, index) => centres.slice(index + 1).reduce((less, b) => Math.min(less, Math.hypot(a[0] - b[0], a[1] - b[1])), least), 40);
      const radius = Math.max(3, Math.min(10, nearest / 2 - 1));
      for (const [device, , middle] of devicesInSight) {
        if (device.kind !== 'resistor') {
          const [x, y] = seen(middle);
          placed.push([x - radius - 1, y - radius - 1, x + radius + 1, y + radius + 1]);
          shown.push(symbol(device, x, y, radius));
        }
        if (device.ground) {
          const [x, y] = seen(device.ground);
          placed.push([x - 9, y - 2, x + 9, y + 10]);
          shown.push(svg('path', { class: 'symbol', d: `M${x - 8} ${y}h16M${x - 5} ${y + 4}h10M${x - 2} ${y + 8}h4` }));
        }
      }
    }
    for (const [node] of inSight) {
      const [x, y] = seen([node.x, node.y]), half = nodeSize / 2 + (node.roles.length ? 5 : 1);
      if (symbols || node.roles.length) placed.push([x - half, y - half, x + half, y + half]);
    }
    const names_ = (want) => { for (const [node] of inSight) if (want(node)) text(node.name, [node.x, node.y], node.roles.includes('output') ? 'output' : node.roles.includes('input') ? 'input' : '', nodeSize / 2 + 4); };
    names_((node) => node.roles.includes('output'));
    names_((node) => node.roles.includes('input'));
    if (isOpen || isSmall) {
      names_((node) => node.roles.length === 1 && node.roles[0] === 'source');
      for (const [device, , middle] of devicesInSight) if (device.kind !== 'resistor') text(device.name, middle, device.isOutput ? 'output' : '', 11);
      names_((node) => node.roles.length === 0);
      for (const [device, index, middle] of devicesInSight) {
        if (device.kind !== 'resistor') continue;
        const value = quantity(deviceFacts(report, device).after, 'Ω', 3);
        const [a, b] = paths[index][0].map(seen), length = Math.hypot(b[0] - a[0], b[1] - a[1]);
        if (length < 24) continue;
        const normal = [(b[1] - a[1]) / length, (a[0] - b[0]) / length];
        const distance = 2 + widthOf(deviceFacts(report, device).after) / 2;
        const along = (part) => [0, 1].map((axis) => paths[index][0][0][axis] + part * (paths[index].at(-1)[1][axis] - paths[index][0][0][axis]));
        const places = paths[index].length > 1 ? [middle] : [0.5, 0.3, 0.7].map(along);
        [`${device.name} ${value}`, device.name].some((content) => places.some((place) => text(content, place, 'value', distance, normal, index)));
      }
    }
    names.replaceChildren(...shown);
  }

  function symbol(device, x, y, radius) {
    const letter = (text) => (radius < 7 ? null : svg('text', { x, y: y + 4, 'text-anchor': 'middle' }, text));
    const kind = `symbol${device.isInput ? ' input' : ''}${device.isOutput ? ' output' : ''} ${device.kind === 'source' ? sourceShade(device) : ''}`;
    if (device.kind === 'source') {
      return svg('g', {}, svg('circle', { class: kind, cx: x, cy: y, r: radius }), letter(device.letter === 'v' ? 'V' : 'I'));
    }
    if (device.letter === 'd') {
      const [a, b] = [placeOf(device, device.nodes[0]), placeOf(device, device.nodes[1])];
      const angle = Math.atan2(b[1] - a[1], b[0] - a[0]) * 180 / Math.PI;
      return svg('g', { transform: `translate(${x} ${y}) rotate(${angle}) scale(${radius / 10})` },
        svg('path', { class: 'symbol solid', d: 'M-6-6L6 0L-6 6Z' }), svg('path', { class: 'symbol', d: 'M6-7V7' }));
    }
    return svg('g', {}, svg('rect', { class: kind, x: x - radius, y: y - 0.9 * radius, width: 2 * radius, height: 1.8 * radius, rx: 3 }),
      letter(device.letter.toUpperCase()));
  }

  // The node or the device at a place on the screen.
  function find([x, y]) {
    let best = null, distance = 10;
    nodes.forEach((node, index) => {
      if (index === 0) return;
      const [u, v] = seen([node.x, node.y]), away = Math.hypot(u - x, v - y);
      if (away < distance) [best, distance] = [{ node: index }, away];
    });
    if (best && distance < nodeSize / 2 + 4) return best;
    let nearest = 9;
    paths.forEach((lines, index) => {
      for (const [a, b] of lines) {
        const [ax, ay] = seen(a), [bx, by] = seen(b);
        const length = (bx - ax) ** 2 + (by - ay) ** 2;
        const t = length > 0 ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
        const away = Math.hypot(ax + t * (bx - ax) - x, ay + t * (by - ay) - y);
        if (away < nearest) [best, nearest] = [{ device: index }, away];
      }
      if (devices[index].kind !== 'resistor' && middleOf(index)) {
        const [u, v] = seen(middleOf(index)), away = Math.hypot(u - x, v - y) - 4;
        if (away < nearest) [best, nearest] = [{ device: index }, Math.max(away, 0)];
      }
    });
    return best;
  }
  const describe = (found) => (found.device === undefined ? nodeText(report, found.node, sample) : deviceText(report, devices[found.device], sample));
  let selected = null;
  function select(found, brings = false) {
    selected = found;
    haloes.replaceChildren();
    if (!found) { chosen.textContent = 'Choose a device or a node to see its values.'; return; }
    const place = found.device === undefined ? [nodes[found.node].x, nodes[found.node].y] : middleOf(found.device);
    if (found.device === undefined || !place) haloes.append(...(place ? [svg('path', { class: 'halo', 'stroke-width': nodeSize + 14, d: point(...place) })] : []));
    else {
      const wire = wireOf[found.device];
      haloes.append(svg('path', { class: 'halo', 'stroke-width': Number(wire.getAttribute('stroke-width')) + 10, d: wire.getAttribute('d') }));
    }
    if (brings && place) {
      const [x, y] = seen(place);
      if (x < 20 || y < 20 || x > width - 20 || y > height - 20) {
        shift = [shift[0] + width / 2 - x, shift[1] + height / 2 - y];
        look();
      }
    }
    chosen.textContent = describe(found);
  }

  const pointers = new Map();
  let began = null;
  const local = (event) => {
    const box = drawing.getBoundingClientRect();
    return [(event.clientX - box.left) * width / box.width, (event.clientY - box.top) * height / box.height];
  };
  drawing.addEventListener('pointerdown', (event) => {
    pointers.set(event.pointerId, local(event));
    began = { at: local(event), shift: [...shift], moved: false };
  });
  drawing.addEventListener('pointermove', (event) => {
    const at = local(event);
    if (pointers.has(event.pointerId) && began) {
      if (pointers.size === 2) {
        const [first, second] = [...pointers.values()];
        const before = Math.hypot(first[0] - second[0], first[1] - second[1]);
        pointers.set(event.pointerId, at);
        const [one, two] = [...pointers.values()];
        const now = Math.hypot(one[0] - two[0], one[1] - two[1]);
        if (before > 0) zoom(now / before, [(one[0] + two[0]) / 2, (one[1] + two[1]) / 2]);
        began.moved = true;
        return;
      }
      if (Math.hypot(at[0] - began.at[0], at[1] - began.at[1]) > 4) began.moved = true;
      if (began.moved) {
        stage.classList.add('moving');
        try { drawing.setPointerCapture(event.pointerId); } catch { /* the pointer has gone */ }
        shift = [began.shift[0] + at[0] - began.at[0], began.shift[1] + at[1] - began.at[1]];
        tip.hidden = true;
        look();
        return;
      }
    }
    const found = find(at);
    tip.hidden = !found;
    if (!found) return;
    tip.textContent = describe(found);
    const [x, y] = [at[0] * stage.clientWidth / width, at[1] * stage.clientHeight / height];
    tip.style.left = `${Math.max(4, Math.min(x + 14, stage.clientWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${y + 16 + tip.offsetHeight > stage.clientHeight ? Math.max(4, y - tip.offsetHeight - 10) : y + 16}px`;
  });
  drawing.addEventListener('pointerup', (event) => {
    if (began && !began.moved && pointers.has(event.pointerId)) select(find(local(event)));
    pointers.delete(event.pointerId);
    if (pointers.size === 0) { began = null; stage.classList.remove('moving'); }
  });
  drawing.addEventListener('pointercancel', (event) => { pointers.delete(event.pointerId); began = null; stage.classList.remove('moving'); });
  drawing.addEventListener('pointerleave', () => { tip.hidden = true; });
  // A page that scrolls stays one: the wheel enlarges with Ctrl, or once the drawing has the focus.
  drawing.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && document.activeElement !== drawing) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400), local(event));
  }, { passive: false });
  drawing.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      const from = selected?.device ?? (step > 0 ? -1 : devices.length);
      select({ device: (from + step + devices.length) % devices.length }, true);
    } else if (event.key === '+' || event.key === '=') zoom(1.5);
    else if (event.key === '-') zoom(1 / 1.5);
    else if (event.key === '0') fit();
    else if (event.key === 'Escape') select(null);
    else return;
    event.preventDefault();
  });

  onWidth(stage, (now) => {
    const isFitted = width === 0 || Math.abs(scale - fitting()) < 1e-9;
    const ratio = width > 0 ? now / width : 1;
    width = now;
    height = Math.round(Math.max(200, Math.min(width < 600 ? 460 : 680, (width - 2 * margin) * extent[1] / extent[0] + 2 * margin)));
    drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    if (isFitted) fit();
    else { scale *= ratio; shift = shift.map((value) => value * ratio); look(); }
  });

  const finder = html('input', { type: 'search', id: 'find-device', 'aria-describedby': 'chosen', onchange: (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    if (wanted === '') return;
    const device = devices.findIndex((one) => one.name.toLowerCase() === wanted);
    const node = nodes.findIndex((one) => one.name.toLowerCase() === wanted);
    if (device >= 0) select({ device }, true);
    else if (node > 0) select({ node }, true);
    else chosen.textContent = `There is no device and no node ${event.target.value} in the drawing.`;
  } });
  const key = html('ul', { class: 'key', 'aria-label': 'Key' }, legend());
  function legend() {
    const line = (kind, stroke) => svg('svg', { width: 28, height: 12, 'aria-hidden': 'true' }, svg('path', { class: `wire ${kind}`, 'stroke-width': stroke, d: 'M1 6H27' }));
    const dot = (...kinds) => svg('svg', { width: 18, height: 18, 'aria-hidden': 'true' }, kinds.map(([kind, size]) => svg('path', { class: `dot ${kind}`, 'stroke-width': size, d: 'M9 9h.01' })));
    const item = (mark, text) => html('li', {}, mark, text);
    const has = (want) => devices.some(want);
    // Where each shade begins, as a change in percent.
    const shades = [1, 2, 3, 4].map((shade) => number(100 * Math.expm1(largest * ((shade - 0.5) / 4) ** 2), 2)).join(', ') + ' % or more';
    return [
      conductances.length ? item(line('same', narrowest), quantity(10 ** -thinnest, 'Ω', 2)) : null,
      conductances.length && thickest > thinnest ? item(line('same', widest), `${quantity(10 ** -thickest, 'Ω', 2)} (width: conductance)`) : null,
      largest > 0 ? item([1, 2, 3, 4].map((shade) => line(`up-${shade}`, 4)), `conductance rose: ${shades}`) : null,
      largest > 0 ? item([1, 2, 3, 4].map((shade) => line(`down-${shade}`, 4)), 'fell alike') : null,
      farthest > 0 ? item(line('up-4', 3), `source rose, by up to ${number(farthest, 3)}`) : null,
      farthest > 0 ? item(line('down-4', 3), 'fell') : null,
      has((device) => device.kind === 'resistor' && device.change === undefined) ? item(line('fixed', 3), 'fixed resistor') : null,
      nodes.some((node) => node.roles.includes('input')) ? item(dot(['input', 9]), 'input') : null,
      nodes.some((node) => node.roles.includes('source')) ? item(dot(['source', 9]), nodes.some((node) => node.roles.includes('input')) ? 'other source' : 'source') : null,
      nodes.some((node) => node.roles.includes('output')) ? item(dot(['ring', 15], ['hole', 10], ['', 6]), 'output') : null,
      has((device) => device.ground) ? item(svg('svg', { width: 20, height: 14, 'aria-hidden': 'true' }, svg('path', { class: 'symbol', d: 'M2 3h16M5 7h10M8 11h4' })), 'ground') : null,
    ];
  }
  const notes = [];
  if (devices.length < network.devicesInAll) notes.push(`Drawn are the ${devices.length.toLocaleString('en')} of ${counted(network.devicesInAll, 'device')} that are nearest to the outputs and inputs.`);
  if (network.layout === 'circle') notes.push('The nodes lie on a circle: without Graphviz there is no better layout.');
  return {
    element: html('div', {},
      notes.map((note) => html('p', { class: 'quiet' }, note)),
      html('div', { class: 'controls' },
        html('button', { type: 'button', onclick: () => zoom(1.6) }, 'Enlarge'),
        html('button', { type: 'button', onclick: () => zoom(1 / 1.6) }, 'Reduce'),
        html('button', { type: 'button', onclick: fit }, 'Show all'),
        html('label', {}, 'Find', finder)),
      stage, key, chosen),
    showSample(next) { sample = next; if (selected) chosen.textContent = describe(selected); },
    selectByName(name) {
      const device = devices.findIndex((one) => one.name === name);
      if (device < 0) return false;
      select({ device }, true);
      return true;
    },
  };
}
