// The page: what there is to say of a report, section by section.

const reasons = {
  tolerance: 'every error is within the tolerance', goal: 'what was asked for is reached', steps: 'the steps allowed were taken',
  duration: 'the end of the duration', stagnation: 'more steps would not lower the loss', ascent: 'the last step raised the loss',
  unsolved: 'no operating point where the next steps lead', failed: 'the engine failed', interrupted: 'interrupted',
  disagreement: 'ngspice finds other states',
};

function figures(report) {
  const { states, solver, train } = report;
  const items = [];
  const add = (name, text, note, value) => items.push(html('div', {}, html('dt', {}, name), html('dd', { 'data-value': value }, text, note ? html('small', {}, note) : null)));
  if (train) {
    add(train.converged ? 'Converged' : 'Not converged', `${counted(train.steps, 'step')}`,
      [reasons[train.reason] ?? train.reason, train.time === undefined ? null : `time ${number(train.time)}`,
        train.epochs === undefined ? null : counted(train.epochs, 'epoch')].filter(Boolean).join('; '), train.steps);
    add('Loss', brief(train.loss.final, states.lossUnit), `from ${brief(train.loss.initial, states.lossUnit)}`, train.loss.final);
  } else if (states.training) {
    add('Loss', brief(states.training.loss, states.lossUnit), states.lossName, states.training.loss);
  }
  if (states.training) {
    add('Largest error', brief(states.training.largestError, states.errorUnit),
      `of ${counted(states.outputs.length, 'output')} × ${counted(states.training.samples, 'sample')}`, states.training.largestError);
    if (states.training.accuracy !== undefined) add('Accuracy', percent(states.training.accuracy), `of ${counted(states.training.samples, 'training sample')}`, states.training.accuracy);
  }
  if (states.test?.accuracy !== undefined) add('Accuracy on test samples', percent(states.test.accuracy), `of ${counted(states.test.samples, 'sample')}`, states.test.accuracy);
  else if (states.test) add('Loss on test samples', brief(states.test.loss, states.lossUnit), `of ${counted(states.test.samples, 'sample')}`, states.test.loss);
  if (train) add('Learned by', train.rule.toUpperCase(), [train.nudging, train.optimizer, train.lossName === 'squared' ? null : train.lossName].filter(Boolean).join(', '));
  add('Solved by', solver.engine, solver.confirmedStates === undefined ? null
    : `ngspice solved ${counted(solver.confirmedStates, 'state')} again: ${number(solver.largestDifference, 2)} of the largest voltage apart at most`);
  if (train) add('Took', `${number(train.seconds, 3)} s`, null, train.seconds);
  return html('dl', { class: 'figures' }, items);
}

// The axes of the curves as they were chosen last, for a page that is drawn again.
const scales = { x: 'linear', y: 'log' };

function curvesSection(report) {
  const { history, states } = report;
  if (!history || history.rows.length < 2) return null;
  const column = (name) => (history.columns.includes(name) ? history.rows.map((row) => row[history.columns.indexOf(name)]) : null);
  const placeName = history.columns[0], places = column(placeName);
  const both = (train, test) => [{ name: 'training', values: column(train) }, { name: 'test', values: column(test) }].filter((one) => one.values);
  const charts = [['Loss', states.lossUnit, both('loss', 'testLoss')], ['Largest error', states.errorUnit, both('error', 'testError')],
    ['Accuracy', '', both('accuracy', 'testAccuracy')]]
    .filter(([, , series]) => series.length)
    .map(([title, unit, series]) => lineChart({ title, unit, series, places, placeName, scales: title === 'Accuracy' ? { get x() { return scales.x; }, y: 'linear' } : scales }));
  const redraw = () => charts.forEach((chart) => chart.draw());
  const rows = html('div');
  const facts = [];
  if (report.rate) {
    const per = report.rate.abscissa === 'time' ? 'unit of time at rate 1' : 'step';
    facts.push(`Between ${placeName} ${number(report.rate.from)} and ${number(report.rate.to)} the loss fell as exp(\u2212${number(report.rate.measured)} t), t in ${per === 'step' ? 'steps' : 'units of time at rate 1'}.`);
  }
  return section('curves', 'How it learned',
    html('div', { class: 'controls' },
      choice('Loss and error', 'y', [['log', 'logarithmic'], ['linear', 'linear']], scales.y, (value) => { scales.y = value; redraw(); }),
      choice(placeName === 'time' ? 'Time' : placeName === 'epoch' ? 'Epochs' : 'Steps', 'x', [['linear', 'linear'], ['log', 'logarithmic']], scales.x, (value) => { scales.x = value; redraw(); })),
    html('div', { class: 'charts' }, charts.map((chart) => chart.element)),
    facts.map((fact) => html('p', {}, fact)),
    html('details', { id: 'history-rows', ontoggle: (event) => {
      if (!event.target.open || rows.hasChildNodes()) return;
      rows.append(sortingTable('The training, row by row', history.columns.map((name, index) => ({ name, value: (row) => row[index] })), history.rows, { id: 'history-table' }));
    } }, html('summary', {}, `As a table${history.stride > 1 ? ` (every ${history.stride}th row)` : ''}`), rows));
}

function samplesSection(report, network) {
  const { states } = report;
  const nodes = report.network.nodes;
  if (states.worst.length === 0) return null;
  const voltageRows = (sample) => nodes.map((node, index) => ({ node, voltage: sample.voltages[index] }))
    .filter(({ voltage }, index) => index > 0 && voltage !== null);
  const place = html('div');
  function show(sample) {
    network?.showSample(sample);
    const parts = [];
    if (states.inputs.length && sample.inputs) {
      parts.push(sortingTable(`Inputs of sample ${sample.number}`,
        [{ name: 'input', value: (row) => row.input.name, isText: true },
          { name: 'value', value: (row) => row.value, text: (row) => `${number(row.value)} ${row.input.unit}` }],
        states.inputs.map((input, index) => ({ input, value: sample.inputs[index] })), { limit: 15 }));
    }
    if (sample.voltages) {
      parts.push(sortingTable(states.outputs.length ? `Node voltages of sample ${sample.number}, free state` : 'Node voltages',
        [{ name: 'node', value: (row) => row.node.name, isText: true }, { name: 'voltage', unit: 'V', value: (row) => row.voltage }],
        voltageRows(sample), { limit: 15, id: 'voltages' }));
    } else parts.push(html('p', { class: 'quiet' }, `The node voltages of sample ${sample.number} are not in this page; it has those of the worst samples.`));
    place.replaceChildren(html('div', { class: 'pair' }, parts));
  }
  const first = states.worst.find((sample) => sample.voltages) ?? states.worst[0];
  show(first);
  if (states.outputs.length === 0) return section('samples', 'Operating point', place);

  const isSingle = states.training.samples === 1;
  const worst = (sample) => sample.errors.reduce((most, error) => Math.max(most, Math.abs(error)), 0);
  const unit = states.errorUnit;
  const caption = states.worst.length < states.training.samples
    ? `The ${states.worst.length} samples with the largest errors, of ${states.training.samples.toLocaleString('en')}` : 'Outputs, the largest error first';
  const outputUnit = new Set(states.outputUnits).size === 1 ? states.outputUnits[0] : '';
  let table;
  if (states.outputs.length > 6) {
    // Classes: a row for each sample, with its largest error.
    const columns = [{ name: 'sample', value: (row) => row.number, text: (row) => `sample ${row.number}` },
      { name: 'largest error', unit, value: worst }];
    if (states.worst[0].className !== undefined) {
      columns.push({ name: 'class', value: (row) => row.className, isText: true },
        { name: 'taken for', value: (row) => row.answer, isText: true, mark: (row) => (row.answer === row.className ? '' : 'miss') });
    }
    columns.push({ name: 'at output', isText: true, value: (row) => states.outputs[row.errors.findIndex((error) => Math.abs(error) === worst(row))] });
    table = sortingTable(caption, columns, states.worst, { sorted: 1, choose: show, id: 'errors' });
  } else {
    const rows = states.worst.flatMap((sample) => states.outputs.map((name, index) => ({
      sample, name, unit: states.outputUnits[index], output: sample.outputs[index], target: sample.targets[index], error: sample.errors[index] })));
    const columns = [
      { name: 'sample', value: (row) => row.sample.number, text: (row) => `sample ${row.sample.number}` },
      { name: 'output', value: (row) => row.name, isText: true },
      { name: 'error', unit, value: (row) => row.error, key: Math.abs, text: (row) => number(row.error, 3) },
      { name: outputUnit === 'V' ? 'voltage' : 'value', unit: outputUnit, value: (row) => row.output, text: (row) => number(row.output, 8) + (outputUnit ? '' : ` ${row.unit}`) },
      { name: 'target', unit: unit === outputUnit ? outputUnit : '', value: (row) => row.target, text: (row) => number(row.target, 8) }];
    if (states.worst[0].className !== undefined) {
      columns.push({ name: 'class', value: (row) => row.sample.className, isText: true },
        { name: 'taken for', value: (row) => row.sample.answer, isText: true, mark: (row) => (row.sample.answer === row.sample.className ? '' : 'miss') });
    }
    table = sortingTable(caption, isSingle ? columns.slice(1) : columns, rows,
      { sorted: isSingle ? 1 : 2, choose: isSingle ? undefined : (row) => show(row.sample), id: 'errors' });
  }
  return html('section', { id: 'samples', class: 'long', 'aria-labelledby': 'samples-title' }, html('h2', { id: 'samples-title' }, 'Outputs and errors'), table, place);
}

function confusionSection(report) {
  const tables = [['training', report.states.training], ['test', report.states.test]].filter(([, scores]) => scores?.confusion)
    .map(([which, { confusion, accuracy, samples }]) => {
      const title = captionOf(`${which[0].toUpperCase()}${which.slice(1)} samples: ${percent(accuracy)} of ${samples.toLocaleString('en')} right`);
      return html('div', {}, title, scrolling(html('table', { class: 'confusion', id: `confusion-${which}`, 'aria-labelledby': title.id },
        html('thead', {}, html('tr', {}, html('th', { scope: 'col' }, 'class'), confusion.classes.map((name) => html('th', { scope: 'col', class: 'number' }, `as ${name}`)))),
        html('tbody', {}, confusion.counts.map((row, own) => html('tr', {}, html('th', { scope: 'row' }, confusion.classes[own]),
          row.map((count, answer) => html('td', { class: `number ${own === answer ? 'hit' : count > 0 ? 'miss' : ''}`, 'data-value': count }, count.toLocaleString('en'))))))), title));
    });
  return tables.length ? section('confusion', 'Who was taken for whom', html('div', { class: 'pair' }, tables)) : null;
}

function theorySection(report) {
  const { analyze: theory, rate } = report;
  const comparison = [];
  if (rate) {
    const unit = rate.abscissa === 'time' ? ' per unit of time at rate 1' : ' per step';
    comparison.push(['measured decay of the loss', `${number(rate.measured)}${unit}`, rate.measured]);
    if (rate.predicted !== undefined) {
      if (rate.predicted !== theory?.decayRate) comparison.push(['predicted for these steps', `${number(rate.predicted)}${unit}`, rate.predicted]);
      comparison.push(['measured over predicted', number(rate.measured / rate.predicted, 4), rate.measured / rate.predicted]);
    } else comparison.push(['prediction', 'none: this optimizer does not follow the rule\u2019s own path']);
  }
  if (!theory) {
    if (!report.analyzeMissing && comparison.length === 0) return null;
    return section('theory', 'How fast it can learn', report.analyzeMissing ? html('p', {}, report.analyzeMissing) : null,
      comparison.length ? factTable('The rate', comparison) : null);
  }
  const facts = [
    ['coercive', theory.coercive ? 'yes: every small error decays' : 'no', undefined],
    ['rank', `${theory.rank} of ${(theory.outputs * theory.samples).toLocaleString('en')} output values`, theory.rank],
    ['coercivity constant', number(theory.coercivity), theory.coercivity],
    ['predicted decay of the loss', theory.decayRate === null ? '\u2013' : `${number(theory.decayRate)} per unit of time at rate 1`, theory.decayRate],
    ...comparison,
    ['stable rates are below', number(theory.stepLimit), theory.stepLimit],
    ['best rate', number(theory.bestStep), theory.bestStep],
    ['dimension of the solutions', String(theory.solutionDimension), theory.solutionDimension],
    [`conserved: ${theory.conservedQuantity}`, theory.conserved === null ? theory.conservedReason ?? 'no' : number(theory.conserved), theory.conserved],
  ];
  if (theory.gradientAngle !== null) facts.push(['angle to the exact gradient', `${number(theory.gradientAngle, 3)}°`, theory.gradientAngle]);
  if (theory.atBound.length) facts.push(['at a bound', theory.atBound.slice(0, 12).join(', ') + (theory.atBound.length > 12 ? ` and ${theory.atBound.length - 12} more` : '')]);
  const list = html('div');
  return section('theory', 'How fast it can learn',
    theory.reason ? html('p', {}, theory.reason) : null,
    html('div', { class: 'pair' }, theory.singularValues.length ? spectrumChart(theory.singularValues, theory.rankTolerance, theory.rank) : null,
      factTable(`The theory at these values, for ${theory.rule.toUpperCase()}`, facts)),
    theory.singularValues.length ? html('details', { id: 'singular-values', ontoggle: (event) => {
      if (!event.target.open || list.hasChildNodes()) return;
      list.append(sortingTable('Singular values', [{ name: 'number', value: (row) => row.index, text: (row) => `σ${row.index}` }, { name: 'singular value', value: (row) => row.value, text: (row) => number(row.value, 10) }],
        theory.singularValues.map((value, index) => ({ index: index + 1, value }))));
    } }, html('summary', {}, 'Singular values as a table'), list) : null);
}

function changesSection(report, network) {
  const { changes } = report;
  if (changes.names.length === 0) return null;
  const rows = changes.names.map((name, index) => ({ name, unit: changes.units[index], before: changes.before?.[index] ?? null, after: changes.after[index] }));
  const units = new Set(changes.units), unit = units.size === 1 ? [...units][0] : '';
  const text = (value, row) => number(value, 8) + (units.size > 1 && row.unit ? ` ${row.unit}` : '');
  const columns = [{ name: changes.units[0] === 'Ω' && units.size === 1 ? 'resistor' : 'number', value: (row) => row.name, isText: true }];
  if (changes.before) {
    columns.push({ name: 'before', unit, value: (row) => row.before, text: (row) => text(row.before, row) },
      { name: 'after', unit, value: (row) => row.after, text: (row) => text(row.after, row) },
      { name: 'after ÷ before', value: (row) => (row.before === 0 ? null : row.after / row.before), text: (row) => (row.before === 0 ? '\u2013' : `× ${number(row.after / row.before, 5)}`) },
      { name: 'change', unit: '%', value: (row) => (row.before === 0 ? null : (row.after / row.before - 1) * 100), key: Math.abs,
        text: (row) => (row.before === 0 ? '\u2013' : `${row.after > row.before ? '+' : ''}${number((row.after / row.before - 1) * 100, 4)}`) });
  } else columns.push({ name: 'value', unit, value: (row) => row.after, text: (row) => text(row.after, row) });
  const choose = network && ((row) => { if (network.selectByName(row.name)) document.getElementById('drawing').scrollIntoView({ block: 'center' }); });
  return html('section', { id: 'changes', class: 'long', 'aria-labelledby': 'changes-title' },
    html('h2', { id: 'changes-title' }, changes.before ? 'What changed' : 'Trained values'),
    sortingTable(`${counted(rows.length, 'trained number')}${changes.before ? '' : '; what they were before is not known'}`, columns, rows,
      { sorted: changes.before ? 4 : undefined, choose, id: 'changes-table' }));
}

function fixedSection(report) {
  const fixed = report.network.devices.filter((device) => device.change === undefined);
  if (fixed.length === 0) return null;
  const rows = html('div');
  return html('details', { id: 'fixed', ontoggle: (event) => {
    if (!event.target.open || rows.hasChildNodes()) return;
    rows.append(sortingTable('Devices that are not trained', [
      { name: 'device', value: (row) => row.name, isText: true },
      { name: 'kind', value: (row) => kinds[row.letter] ?? row.letter, isText: true },
      { name: 'nodes', value: (row) => deviceFacts(report, row).ends.join(' '), isText: true },
      { name: 'value', value: (row) => row.value ?? null, text: (row) => (row.isInput ? 'from the data' : row.value === undefined ? '\u2013' : quantity(row.value, deviceFacts(report, row).unit, 6)) },
    ], fixed));
  } }, html('summary', {}, `${counted(fixed.length, 'device')} not trained, as a table`), rows);
}

function originSection(report) {
  const { origin, solver, train } = report;
  const facts = [['netlist', origin.deck], ...(train?.output ? [['trained netlist', train.output]] : []),
    ...origin.programs.map((program) => [program.split(' ')[0], program.split(' ').slice(1).join(' ')]),
    ['engine', solver.engine + (solver.confirmedStates === undefined ? '' : `; ngspice solved ${counted(solver.confirmedStates, 'state')} again, which differ by at most ${number(solver.largestDifference, 2)} of the largest voltage`)],
    ...(solver.confirmation ? [['ngspice -b', solver.confirmation]] : []),
    ...(train?.ngbehavior ? [['to be read with', `ngspice -D ngbehavior=${train.ngbehavior}`]] : []),
    ...(train?.seed === undefined ? [] : [['seed', String(train.seed)]]),
    ['written', origin.written]];
  return section('origin', 'How it was made', html('pre', { id: 'command' }, origin.command), factTable('What made this page', facts),
    report.notes.length ? [html('h3', {}, 'Notes'), html('ul', {}, report.notes.map((note) => html('li', {}, note)))] : null);
}

function renderReport(report, main) {
  const network = report.network.devices.length ? drawNetwork(report) : null;
  const parts = [
    curvesSection(report),
    network ? section('network', 'The network', network.element, fixedSection(report)) : null,
    samplesSection(report, network), confusionSection(report), theorySection(report), changesSection(report, network), originSection(report),
  ].filter(Boolean);
  main.replaceChildren(figures(report),
    html('nav', { 'aria-label': 'Sections' }, html('ul', {}, parts.map((part) => html('li', {}, html('a', { href: `#${part.id}` }, part.querySelector('h2').textContent))))),
    ...parts);
}

renderReport(JSON.parse(document.getElementById('data').textContent), document.getElementById('report'));
