"""Opens the pages in a folder and checks what a reader sees against what `train --json` printed.

    test-page.py FOLDER [PICTURES]

FOLDER has NAME.html and, of trainings, NAME.json; live.err and live.pid are of a training that is shown while
it goes on. Chromium is driven by WebDriver; any failed check ends the
run with exit code 1, after all have been made.
"""

import json
import os
import pathlib
import re
import signal
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

WIDTHS = (1280, 390)
# What a page of 3,000 resistors may take.
MOST_BYTES = 3_000_000
# On a machine that does nothing else. The gate, whose machine does, only looks for pages that hang.
MOST_MILLISECONDS = float(os.environ.get("MOST_MILLISECONDS", 1000))

folder = pathlib.Path(sys.argv[1]).resolve()
pictures = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
failures = []


def check(holds, message):
    if not holds:
        failures.append(f"{page}: {message}")
        print(f"FAILED {page}: {message}")


def start():
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                     "--disable-dev-shm-usage", "--force-color-profile=srgb"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def resize(width, height=900):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            dict(width=width, height=height, deviceScaleFactor=1, mobile=width < 500))


def js(script, *arguments):
    return browser.execute_script(script, *arguments)


def find(selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def click(element):
    js("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


# Texts of one drawing whose boxes share more than a hair, and texts that reach out of it.
OVERLAPS = """
const found = [];
for (const drawing of document.querySelectorAll('svg[viewBox]')) {
  if (drawing.closest('.key')) continue;
  const frame = drawing.getBoundingClientRect();
  const boxes = [...drawing.querySelectorAll('text')].map((text) => [text.textContent, text.getBoundingClientRect()]);
  boxes.forEach(([text, box], index) => {
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
      found.push(`${text} is cut off`);
    for (const [other, second] of boxes.slice(index + 1)) {
      const wide = Math.min(box.right, second.right) - Math.max(box.left, second.left);
      const high = Math.min(box.bottom, second.bottom) - Math.max(box.top, second.top);
      if (wide > 2 && high > 4) found.push(`${text} lies over ${other}`);
    }
  });
}
return found.slice(0, 5);
"""

# Elements that reach beyond the page, but for tables, which scroll in a frame of their own; and blocks that lie
# over each other.
OUTSIDE = """
const found = [], wide = document.documentElement.clientWidth;
for (const element of document.querySelectorAll('body *')) {
  if (element.closest('.table') && !element.matches('.table')) continue;
  if (element.closest('svg') || element.closest('[hidden]')) continue;
  const box = element.getBoundingClientRect();
  if (box.width > 0 && (box.left < -0.5 || box.right > wide + 0.5)) found.push(`${element.tagName} ${element.className} reaches ${box.right}`);
  if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 && !element.matches('.table, input')
      && getComputedStyle(element).display !== 'inline' && getComputedStyle(element).overflowX !== 'visible')
    found.push(`${element.tagName} ${element.className} is cut off`);
}
for (const parent of [document.querySelector('main'), ...document.querySelectorAll('section, .figures, .controls, .pair, .charts')]) {
  const boxes = [...parent.children].map((child) => child.getBoundingClientRect()).filter((box) => box.width > 0 && box.height > 0);
  boxes.forEach((box, index) => {
    for (const second of boxes.slice(index + 1)) {
      const wide = Math.min(box.right, second.right) - Math.max(box.left, second.left);
      const high = Math.min(box.bottom, second.bottom) - Math.max(box.top, second.top);
      if (wide > 1 && high > 1) found.push(`parts of ${parent.tagName} ${parent.id || parent.className} lie over each other`);
    }
  });
}
return found.slice(0, 5);
"""


def column(table, index):
    """The numbers of a column, as its cells have them."""
    return js("""return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)]
        .map((row) => row.children[arguments[1]].dataset.value).map((text) => text === undefined ? null : Number(text))""",
              table, index)


def names(table, index=0):
    return js("""return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)]
        .map((row) => row.children[arguments[1]].textContent)""", table, index)


def as_number(text):
    """What a reader takes a cell for."""
    return float(text.replace("\u2212", "-").replace("× ", "").replace("+", ""))


def show_all(table):
    button = js("""return document.getElementById(arguments[0]).closest('.table').parentElement.querySelector('button.more')""", table)
    if button.is_displayed() and "all" in button.text:
        click(button)


def check_layout(width):
    check(js("return document.documentElement.scrollWidth") <= width, "is wider than the screen")
    for fault in js(OUTSIDE):
        check(False, fault)
    for fault in js(OVERLAPS):
        check(False, fault)


def check_numbers(report, train):
    check(report.get("train") == train, "the page's numbers are not those of train --json")
    for name, value in (train or {}).get("resistances", {}).items():
        changes = report["changes"]
        check(changes["after"][changes["names"].index(name)] == value, f"{name} differs")


def check_changes(report):
    changes = report["changes"]
    if "before" not in changes:
        return
    show_all("changes-table")
    shown = dict(zip(names("changes-table"), zip(column("changes-table", 1), column("changes-table", 2))))
    expected = dict(zip(changes["names"], zip(changes["before"], changes["after"])))
    check(shown == expected, "the table of changes is not what the JSON says")
    texts = [as_number(text) for text in names("changes-table", 2)[:200]] if len(set(changes["units"])) == 1 else []
    for text, value in zip(texts, column("changes-table", 2)):
        check(abs(text - value) <= 1e-7 * abs(value), f"{text} is shown for {value}")
    # Largest change first at the beginning; then by the column that is clicked, down and up again.
    change = column("changes-table", 4)
    check(change == sorted(change, key=lambda value: -abs(value)), "the changes are not sorted")
    head = browser.find_elements(By.CSS_SELECTOR, "#changes-table thead button")[2]
    click(head)
    check(column("changes-table", 2) == sorted(changes["after"], reverse=True), "sorting downwards fails")
    # By keyboard.
    head.send_keys(Keys.ENTER)
    check(column("changes-table", 2) == sorted(changes["after"]), "sorting upwards fails")
    check(find("#changes-table th[aria-sort]").get_attribute("aria-sort") == "ascending", "aria-sort is not told")


def check_errors(report):
    states = report["states"]
    if not states["outputs"]:
        voltages = dict(zip(names("voltages"), column("voltages", 1)))
        expected = {node["name"]: voltage for node, voltage in
                    list(zip(report["network"]["nodes"], states["worst"][0]["voltages"]))[1:]}
        check(voltages == expected, "the node voltages are not those of the JSON")
        return
    show_all("errors")
    if len(states["outputs"]) > 6:
        return
    single = states["training"]["samples"] == 1
    errors = [value for sample in states["worst"] for value in sample["errors"]]
    shown = column("errors", 1 if single else 2)
    check(sorted(shown) == sorted(errors), "the errors are not those of the JSON")
    check(shown == sorted(shown, key=lambda value: -abs(value)), "the worst is not first")


def check_confusion(report, train):
    for which, part in (("training", "train"), ("test", "test")):
        scores = report["states"].get(which) or {}
        if "confusion" not in scores:
            continue
        classes = scores["confusion"]["classes"]
        shown = js("""return [...document.querySelectorAll(`#confusion-${arguments[0]} tbody tr`)]
            .map((row) => [...row.querySelectorAll('td')].map((cell) => Number(cell.textContent.replaceAll(',', ''))))""", which)
        expected = scores["confusion"]["counts"] if train is None else [
            [train["confusion"][part][own][answer] for answer in classes] for own in classes]
        check(shown == expected, f"the confusion of the {which} samples differs")


def check_curves(report):
    rows = (report.get("history") or {}).get("rows", [])
    if len(rows) < 2:
        return
    chart = find("#curves figure svg")
    columns = report["history"]["columns"]
    js("arguments[0].scrollIntoView({block: 'center'})", chart)
    js("arguments[0].focus()", chart)
    chart.send_keys(Keys.HOME)
    readout = find("#curves figure .readout").text
    loss = rows[0][columns.index("loss")]
    shown = as_number(readout.split(": ")[1].replace("training ", "").split(",")[0].split(" ")[0])
    check(abs(shown - loss) <= 1e-5 * abs(loss), f"the first loss is read as {readout}")
    before = find("#curves figure svg path").get_attribute("d")
    click(find("#curves input[name=y][value=linear]"))
    after = find("#curves figure svg path").get_attribute("d")
    check(before != after, "the linear axis changes nothing")
    click(find("#curves input[name=x][value=log]"))
    check(find("#curves figure svg path").get_attribute("d") != after, "the logarithmic steps change nothing")
    ActionChains(browser).move_to_element(find("#curves figure svg")).perform()
    check("step" in find("#curves figure .readout").text or "epoch" in find("#curves figure .readout").text
          or "time" in find("#curves figure .readout").text, "nothing is read under the pointer")
    for fault in js(OVERLAPS):
        check(False, f"with other axes, {fault}")


def check_drawing(report):
    devices = report["network"]["devices"]
    check(js("return document.querySelectorAll('#drawing .wire').length") == len(devices), "not every device is drawn")
    check(js("return document.querySelectorAll('#drawing .ring').length")
          == sum("output" in node["roles"] for node in report["network"]["nodes"]), "not every output is marked")
    changed = [index for index, device in enumerate(devices) if device["kind"] == "resistor" and "change" in device]
    # The one that changed the most may be anywhere: it is found by its name, then by a click on it.
    changes = report["changes"]
    if changed and "before" in changes:
        index = max(changed, key=lambda place: abs(changes["after"][devices[place]["change"]] / changes["before"][devices[place]["change"]] - 1))
        box = find("#find-device")
        js("arguments[0].scrollIntoView({block: 'center'})", box)
        box.clear()
        box.send_keys(devices[index]["name"], Keys.ENTER)
        text = find("#chosen").text
        check(text.startswith(devices[index]["name"] + ",") and "before" in text and "after" in text, f"finding shows: {text}")
        for node in (report["network"]["nodes"][node]["name"] for node in devices[index]["nodes"]):
            check(node in text, f"the node {node} is not told: {text}")
        js("document.querySelector('#drawing').scrollIntoView({block: 'center'})")
        # A place on the line a third of the way, which no other line need cross.
        place = js("""const wire = document.querySelector(`#drawing .wire[data-device="${arguments[0]}"]`), length = wire.getTotalLength();
            const at = wire.getPointAtLength(length * 0.35).matrixTransform(wire.getScreenCTM());
            const box = document.querySelector('#drawing').getBoundingClientRect();
            return [at.x - box.left - box.width / 2, at.y - box.top - box.height / 2]""", index)
        drawing = find("#drawing")
        ActionChains(browser).move_to_element_with_offset(drawing, round(place[0]), round(place[1])).perform()
        tip = find(".tip")
        check(tip.is_displayed(), "no values under the pointer")
        inside = js("""const tip = arguments[0].getBoundingClientRect(), stage = arguments[0].parentElement.getBoundingClientRect();
            return tip.left >= stage.left && tip.right <= stage.right && tip.top >= stage.top && tip.bottom <= stage.bottom + 1""", tip)
        check(inside, "the values under the pointer are cut off")
        hovered = tip.text
        ActionChains(browser).click().perform()
        check(find("#chosen").text.split("\n")[0] == hovered.split("\n")[0], "a click chooses something else than is shown")
    drawing = find("#drawing")
    js("arguments[0].focus()", drawing)
    drawing.send_keys(Keys.ESCAPE)
    drawing.send_keys(Keys.ARROW_RIGHT)
    check(find("#chosen").text.startswith(devices[0]["name"] + ","), "the arrow does not choose the first device")
    before = js("return document.querySelector('#drawing g').getAttribute('transform')")
    drawing.send_keys("+")
    check(js("return document.querySelector('#drawing g').getAttribute('transform')") != before, "plus does not enlarge")
    # A part of the drawing is out of sight now.
    for fault in js(OVERLAPS):
        check("cut off" in fault, f"enlarged, {fault}")
    drawing.send_keys("0")
    check(js("return document.querySelector('#drawing g').getAttribute('transform')") == before, "0 does not show all")


def check_keyboard():
    """Every control can be reached by the Tab key: none is taken out, and the first stops are links."""
    check(js("return [...document.querySelectorAll('button, input, select, summary, a, #drawing')].every((one) => one.tabIndex >= 0)"),
          "a control can't be reached by keyboard")
    check(js("return [...document.querySelectorAll('.table')].every((one) => one.tabIndex === 0)"), "a table can't be scrolled by keyboard")
    check(js("""return [...document.querySelectorAll('input, select, button, svg[role=img], svg[role=application], table')].every((one) =>
        one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.closest('label') || one.textContent.trim())"""),
          "something has no name for a screen reader")


def luminance(colour):
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1:-1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def check_colours():
    papers = []
    for scheme in ("light", "dark"):
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        for selector in ("body", ".quiet", "a", ".caption"):
            if not js("return document.querySelector(arguments[0]) !== null", selector):
                continue
            ink, paper = js("return [getComputedStyle(document.querySelector(arguments[0])).color, getComputedStyle(document.body).backgroundColor]", selector)
            light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
            check((light + 0.05) / (dark + 0.05) >= 4.5, f"{selector} can hardly be read in {scheme}")
        papers.append(luminance(paper))
    check(papers[0] > 0.8 and papers[1] < 0.1, "light and dark are not told apart")


def picture(name):
    if pictures is None:
        return
    pictures.mkdir(parents=True, exist_ok=True)
    height = js("return document.documentElement.scrollHeight")
    width = js("return document.documentElement.clientWidth")
    resize(width, min(height, 7000))
    time.sleep(0.2)
    browser.save_screenshot(str(pictures / f"{name}.png"))
    resize(width)


def wait(condition, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def check_live():
    """The page of a training while it goes on: drawn again at each news, and told of the end."""
    global page
    page = "live"
    said = folder / "live.err"
    if not said.exists():
        return
    check(wait(lambda: "http://" in said.read_text()), "no address was printed")
    resize(WIDTHS[0])
    browser.get(re.search(r"http://\S+", said.read_text())[0])

    def step():
        found = re.search(r"this is step (\d+)", js("return document.getElementById('report').textContent"))
        return int(found[1]) if found else -1

    check(wait(lambda: step() >= 0), "no step is shown")
    seen = step()
    check(wait(lambda: step() > seen), "the page is not drawn again")
    check(wait(lambda: js("return document.getElementById('curves') !== null")), "no curve is drawn")
    check(find("#live").text == "The training goes on.", "the page does not say that the training goes on")
    for width in WIDTHS:
        resize(width)
        check_layout(width)
        picture(f"live-{width}")
    os.kill(int((folder / "live.pid").read_text()), signal.SIGTERM)
    check(wait(lambda: find("#live").text == "The training has ended."), "the page is not told of the end")
    check(wait(lambda: "interrupted" in find(".figures").text), "the last state is not shown")
    picture("live-end")
    messages = [entry["message"] for entry in browser.get_log("browser")]
    check(not messages, f"the console says {messages[:3]}")


began = time.time()
browser = start()
page = ""
try:
    for path in sorted(folder.glob("*.html")):
        name = path.stem
        train_file = folder / f"{name}.json"
        train = json.loads(train_file.read_text()) if train_file.exists() else None
        for width in WIDTHS:
            page = f"{name} at {width} px"
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]})
            resize(width)
            # The machine may be busy with something else: the best of three.
            timing = float("inf")
            for _ in range(3):
                browser.get(path.as_uri())
                # Two frames later it is on the screen.
                timing = min(timing, browser.execute_async_script(
                    "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))"))
                if timing < MOST_MILLISECONDS:
                    break
            check(timing < MOST_MILLISECONDS, f"takes {timing:.0f} ms to be drawn")
            check(path.stat().st_size < MOST_BYTES, f"has {path.stat().st_size} bytes")
            report = json.loads(js("return document.getElementById('data').textContent"))
            check(js("return document.body.dataset.taken") is None, "the netlist ran a script")
            check(js("return document.querySelectorAll('img, b, i, iframe').length") == 0, "the netlist made an element")
            check(find("h1").text == " ".join(report["title"].split()), "the title is not the netlist's")
            check_layout(width)
            picture(f"{name}-{width}")
            check_numbers(report, train)
            check_errors(report)
            check_confusion(report, train)
            check_curves(report)
            check_drawing(report)
            check_changes(report)
            for summary in browser.find_elements(By.CSS_SELECTOR, "details > summary"):
                click(summary)
            check_keyboard()
            check_layout(width)
            check_colours()
            if width == WIDTHS[0]:
                picture(f"{name}-dark")
                pdf = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
                check(len(pdf["data"]) > 1000, "can't be printed")
                if pictures:
                    import base64
                    (pictures / f"{name}.pdf").write_bytes(base64.b64decode(pdf["data"]))
            messages = [entry["message"] for entry in browser.get_log("browser")]
            check(not messages, f"the console says {messages[:3]}")
            print(f"{page}: {path.stat().st_size / 1000:.0f} kB, drawn in {timing:.0f} ms")
    check_live()
finally:
    browser.quit()
print(f"{len(failures)} faults, {time.time() - began:.0f} s")
sys.exit(1 if failures else 0)
