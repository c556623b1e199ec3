"""What a person sees of a running daemon: the page in headless Chromium, held against the API."""

import contextlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from browser import Browser
from runner import require, wait_until

TICK = "parseInt(document.getElementById('facts').textContent.match(/tick (\\d+)/)[1])"
# So many may follow at once.
FOLLOWERS = 16
# The relative luminance of WCAG 2.1, and by it the contrast of what is on the page.
CONTRASTS = """
(() => {
  const part = value => (value /= 255) <= .03928 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = numbers(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('h1, h2, h3, p, th, td, dt, dd, li, span, a, button, figcaption')]
    .filter(node => node.offsetParent && [...node.childNodes].some(one => one.nodeType === 3 && one.data.trim()))
    .map(node => {
      const [high, low] = [light(numbers(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
      return [(high + .05) / (low + .05), node.textContent.trim().slice(0, 40)];
    });
})()
"""


# Series whose hue is that of red, amber or green: these are kept for what is wrong and what is well.
HUES = """
[...document.querySelectorAll('svg .series:not(.other)')].map(one => getComputedStyle(one).stroke).filter(colour => {
  const [r, g, b] = colour.match(/[\\d.]+/g).map(Number), most = Math.max(r, g, b), least = Math.min(r, g, b);
  if (most - least < 40) return false;
  const hue = 60 * (most === r ? (g - b) / (most - least) : most === g ? 2 + (b - r) / (most - least) : 4 + (r - g) / (most - least));
  return (hue + 360) % 360 > 345 || (hue + 360) % 360 < 165;
})
"""


def api(url: str, path: str = "api/v1/status") -> dict:
    with urllib.request.urlopen(url + path, timeout=10) as answer:
        return json.load(answer)


def check_page(url: str, stop: Callable[[], object], restart: Callable[[], object],
               pictures: Path | None = None) -> str:
    """The page of the daemon at `url`, which `stop` ends and `restart` brings back."""
    browser = Browser()
    try:
        browser.scheme("light")
        browser.open(url)
        wait_until(lambda: browser.value("document.querySelectorAll('#backends > section').length") or 0, 20,
                   lambda: f"no backend; complaints: {browser.complaints}")
        opens_and_closes(browser, url)
        shows_what_the_api_says(browser, url)
        sorts_and_filters(browser, url)
        follows_the_ticks(browser, url)
        agrees_with_itself(browser, url)
        explains(browser, url)
        reads_well(browser, pictures)
        works_by_keyboard(browser)
        rests_while_hidden(browser, url)
        browser.pump()
        require(not browser.complaints, f"the console: {browser.complaints}")
        foreign = [asked for asked in browser.requests
                   if not asked.startswith((url, "data:"))]
        require(not foreign, f"asked elsewhere: {foreign}")
        seconds = says_when_it_lost_the_daemon(browser, stop, restart, pictures)
    finally:
        browser.close()
    polls = polls_where_it_is_refused(url)
    return (f"{len(browser.requests)} requests, lost and found in {seconds:.0f} s; "
            f"{polls:.1f} polls an interval where it may not follow")


def check_token(url: str, token: str) -> str:
    """The page of a daemon that asks for a token asks for it too, and goes on with it."""
    browser = Browser()
    try:
        browser.open(url)
        wait_until(lambda: browser.value("document.getElementById('login')?.hidden === false"), 20,
                   "it does not ask for the token")
        require(browser.value("document.querySelectorAll('#backends > *').length") == 0,
                "it shows something without a token")
        enter = "document.getElementById('token').value = {}, document.getElementById('login').requestSubmit()"
        guess = enter.format(json.dumps("guessed"))
        browser.value(f"({guess}, 1)")
        wait_until(lambda: "The token is wrong" in browser.value("document.getElementById('state').textContent"),
                   10, "it does not say that the token is wrong")
        require(not browser.value("document.getElementById('login').hidden"), "a wrong token is taken")
        # The right one, while the answer to another guess is awaited.
        browser.value(f"({guess}, {enter.format(json.dumps(token))}, 1)")
        wait_until(lambda: browser.value("document.querySelectorAll('#backends > section').length") > 0, 20,
                   "the right token shows nothing")
        require(browser.value("document.getElementById('login').hidden"), "it still asks")
        first = browser.value(TICK)
        wait_until(lambda: browser.value(TICK) > first, 30, "it does not go on by itself")
        require(token not in browser.value("document.documentElement.outerHTML"),
                "the token is in the page")
        return "asked, refused, let in"
    finally:
        browser.close()


def card_of(name: str) -> str:
    return f"[...document.querySelectorAll('#backends > section')].find(one => one.dataset.key === {json.dumps(name)})"


def opens_and_closes(browser: Browser, url: str) -> None:
    """Of several backends there is a line each; all of a backend is shown on demand."""
    backends = api(url)["backends"]
    for backend in backends:
        card = card_of(backend["name"])
        body, button = f"{card}.querySelector('.body')", f"{card}.querySelector('.open')"
        require(browser.value(f"{body}.hidden") == (len(backends) > 1), f"{backend['name']}: open or not?")
        for hidden in ((False,) if len(backends) > 1 else (True, False)):
            browser.value(f"({button}.click(), 1)")
            require(browser.value(f"{body}.hidden") is hidden, f"{backend['name']} does not open and close")
            require(browser.value(f"{button}.getAttribute('aria-expanded')") == str(not hidden).lower(),
                    "it does not say whether it is open")


def shows_what_the_api_says(browser: Browser, url: str) -> None:
    for backend in api(url)["backends"]:
        card = card_of(backend["name"])
        require(browser.value(f"{card} != null"), f"no card of {backend['name']}")
        names = browser.value(f"[...{card}.querySelectorAll('tbody th button')].map(one => one.textContent)")
        require(names == [server["name"] for server in backend["servers"]], f"servers: {names}")
        wait_until(lambda: browser.value(f"{card}.querySelectorAll('svg .series').length") >= len(names), 30,
                   "charts without lines")

    def weights_agree() -> bool:
        shown = browser.value("[...document.querySelectorAll('#backends tbody .weight')].map(one => parseInt(one.textContent))")
        return shown == [server["weights"][0]["standing"]
                         for backend in api(url)["backends"] for server in backend["servers"]]
    wait_until(weights_agree, 30, "weights on the page are not those of the API")
    parts = browser.value("[...document.querySelectorAll('#part-rows th')].map(one => one.textContent)")
    status = api(url)
    require(len(parts) == len(status["endpoints"]) + len(status["balancers"]), f"parts: {parts}")

    def verdict_agrees() -> bool:
        verdict = api(url)["verdict"]
        tone = {"critical": "bad", "warning": "warn"}.get(
            verdict["level"], "good" if verdict["state"] == "balanced" else "info")
        return browser.value(
            f"document.getElementById('state').textContent.endsWith({json.dumps(verdict['sentence'])}) && "
            f"document.getElementById('verdict').classList.contains({json.dumps(tone)})")
    wait_until(verdict_agrees, 30, lambda: browser.value("document.getElementById('verdict').outerHTML"))


def sorts_and_filters(browser: Browser, url: str) -> None:
    backend = api(url)["backends"][0]
    card = card_of(backend["name"])
    names = f"[...{card}.querySelectorAll('tbody th button')].map(one => one.textContent)"
    weights = f"[...{card}.querySelectorAll('tbody .weight')].map(one => parseInt(one.textContent))"
    head = f"{card}.querySelector('th[data-sort=weight]')"
    for order, kind in (("descending", -1), ("ascending", 1)):
        browser.value(f"({head}.querySelector('button').click(), 1)")
        require(browser.value(f"{head}.getAttribute('aria-sort')") == order, f"not sorted {order}")
        shown = browser.value(weights)
        require(shown == sorted(shown, key=lambda weight: kind * weight), f"{order}: {shown}")
    browser.value(f"({card}.querySelector('th[data-sort=order] button').click(), 1)")
    require(browser.value(names) == [server["name"] for server in backend["servers"]], "no way back to HAProxy's order")
    told = browser.value(f"{card}.querySelector('.wrong').textContent")
    browser.value(f"({card}.querySelector('.only').click(), 1)")
    left = browser.value(names)
    require(told.endswith(f"({len(left)})") or len(left) < len(backend["servers"]), f"{told}: {left}")
    require(bool(left) != browser.value(f"!{card}.querySelector('.nobody').hidden"), "an empty table without a word")
    browser.value(f"({card}.querySelector('.only').click(), 1)")
    require(len(browser.value(names)) == len(backend["servers"]), "not all are shown again")


def agrees_with_itself(browser: Browser, url: str) -> None:
    """The same figure is the same wherever it stands: of one moment, so of one reading of the page."""
    def differences() -> list[str]:
        found = []
        for backend in api(url)["backends"]:
            used, caption, head, spread, summary = browser.value(
                "(card => [[...card.querySelectorAll('tbody .meter span')].map(one => parseInt(one.textContent)), "
                "card.querySelector('[data-chart=utilisation] figcaption').textContent, "
                "card.querySelector('.head .fullest').textContent, card.querySelector('.head .spread').textContent, "
                f"card.querySelector('[data-chart=spread] figcaption').textContent])({card_of(backend['name'])})")
            used = [value for value in used if value is not None]
            now = f"{min(used)} % to {max(used)} %" if min(used) < max(used) else f"{max(used)} %"
            if f"now {now}" not in caption or not head.startswith(f"{max(used)} %"):
                found.append(f"{used}: {caption}; {head}")
            if f"now {spread}" not in summary:
                found.append(f"{spread}: {summary}")
        return found
    # A tick that could read nothing has the rows of an earlier one, and no figures of now.
    wait_until(lambda: not differences(), 30, lambda: str(differences()))

    def levelling_agrees() -> bool:
        for backend in api(url)["backends"]:
            shown = browser.value(f"{card_of(backend['name'])}.querySelector('.freed').textContent")
            worth = backend["levelling"]
            if worth is None or f"{max(0, worth['freed_cores']):.1f} of {worth['cores']:.1f} cores" not in shown:
                return False
        return True
    wait_until(levelling_agrees, 60, lambda: json.dumps([one["levelling"] for one in api(url)["backends"]]))


def follows_the_ticks(browser: Browser, url: str) -> None:
    first = browser.value(TICK)
    wait_until(lambda: browser.value(TICK) >= first + 3, 60, lambda: f"still tick {first}")
    # It is the same table that is updated, not another.
    browser.value("(document.querySelector('#backends tbody tr').dataset.mark = 'kept')")
    now = browser.value(TICK)
    wait_until(lambda: browser.value(TICK) > now, 60, "no further tick")
    require(browser.value("document.querySelector('#backends tbody tr').dataset.mark") == "kept",
            "rows are made anew with each tick")
    require(any(asked.endswith("/api/v1/events") for asked in browser.requests), "polls only")


def explains(browser: Browser, url: str) -> None:
    browser.value("(document.querySelector('#backends tbody th button').click(), 1)")
    wait_until(lambda: "utilisation" in browser.value("document.getElementById('explain-list').textContent"),
               20, lambda: str(browser.value("document.getElementById('explain-list').textContent")))
    require(browser.value("document.getElementById('explain').open"), "no dialog")
    browser.press("Escape", 27)
    wait_until(lambda: not browser.value("document.getElementById('explain').open"), 5,
               "Escape does not close the dialog")


def reads_well(browser: Browser, pictures: Path | None) -> None:
    for width, name, phone in ((1200, "wide", False), (360, "phone", True)):
        browser.resize(width, 900, phone)
        for scheme in ("light", "dark"):
            browser.scheme(scheme)
            poor = [found for found in browser.value(CONTRASTS) if found[0] < 4.5]
            require(not poor, f"{name}, {scheme}: too little contrast: {poor[:5]}")
            seen = browser.value("document.documentElement.scrollWidth")
            require(seen <= width, f"{name}: the page is {seen} wide")
            if pictures is not None:
                time.sleep(0.5)  # for the picture alone: a bar is on its way
                browser.picture(pictures / f"page-{name}-{scheme}.png")
    browser.resize(1200, 900)
    browser.scheme("light")
    reds = browser.value(HUES)
    require(reds == [], f"series in the colours of state: {reds}")
    unnamed = browser.value("[...document.querySelectorAll('svg[role=img]')].filter(one => !one.getAttribute('aria-label')).length")
    require(unnamed == 0, "charts without words")
    scopes = browser.value("[...document.querySelectorAll('th')].filter(one => !one.scope).length")
    require(scopes == 0, "table heads without a scope")


def works_by_keyboard(browser: Browser) -> None:
    wanted = browser.value("document.querySelectorAll('#backends tbody th button').length")
    reached = set()
    for _ in range(200):
        browser.press("Tab", 9)
        focus = browser.value("document.activeElement.className + ' ' + document.activeElement.textContent.slice(0, 30)")
        if focus.startswith("name "):
            reached.add(focus)
        if len(reached) == wanted:
            return
    require(False, f"by Tab alone only {sorted(reached)} of {wanted}")


def rests_while_hidden(browser: Browser, url: str) -> None:
    browser.hide()
    wait_until(lambda: followers(url) == 0, 10, "a hidden page goes on following")
    browser.pump()
    asked, tick = len(browser.requests), api(url)["tick"]
    wait_until(lambda: api(url)["tick"] >= tick + 3, 60, "no ticks")
    browser.pump()
    require(len(browser.requests) == asked, f"a hidden page asked for {browser.requests[asked:]}")
    browser.show()
    wait_until(lambda: browser.value(TICK) >= tick + 3, 20, "back in view, it shows old figures")
    require(browser.value("document.getElementById('lost').hidden"), "it says that it lost the daemon")
    wait_until(lambda: followers(url) == 1, 10, "back in view, it does not follow")


def followers(url: str) -> int:
    """How many follow the ticks, by how many more may."""
    with contextlib.ExitStack() as stack:
        for place in range(FOLLOWERS + 1):
            try:
                stack.enter_context(urllib.request.urlopen(url + "api/v1/events", timeout=10))
            except urllib.error.HTTPError as error:
                require(error.code == 503, f"events: {error}")
                return FOLLOWERS - place
    raise AssertionError("there is no end of followers")


def polls_where_it_is_refused(url: str) -> float:
    """A page for which there is no event stream left asks at the interval, and goes on."""
    with contextlib.ExitStack() as stack:
        for _ in range(FOLLOWERS):
            stack.enter_context(urllib.request.urlopen(url + "api/v1/events", timeout=10))
        browser = Browser()
        try:
            browser.open(url)
            wait_until(lambda: browser.value("document.querySelectorAll('#backends > section').length") or 0, 20, "no backend")
            browser.pump()
            asked, began, interval = len(browser.requests), time.monotonic(), api(url)["interval_seconds"]
            first = browser.value(TICK)
            wait_until(lambda: browser.value(TICK) >= first + 5, 120, "it does not go on")
            browser.pump()
            polls = [path for path in browser.requests[asked:] if path.endswith("/status")]
            rate = len(polls) / ((time.monotonic() - began) / max(2, interval))
            require(rate < 1.5, f"{rate:.1f} requests an interval: {browser.requests[asked:]}")
            tries = [path for path in browser.requests if path.endswith("/events")]
            require(len(tries) == 1, f"it asked {len(tries)} times to follow")
            return rate
        finally:
            browser.close()


def says_when_it_lost_the_daemon(browser: Browser, stop: Callable[[], object],
                                 restart: Callable[[], object], pictures: Path | None) -> float:
    stop()
    lost = "!document.getElementById('lost').hidden && document.body.classList.contains('stale')"
    wait_until(lambda: browser.value(lost), 30, "it does not say that it lost the daemon")
    words = browser.value("document.getElementById('lost').textContent")
    require(words.startswith("Lost the daemon: last news"), words)
    if pictures is not None:
        browser.picture(pictures / "page-lost.png")
    start = time.monotonic()
    restart()
    wait_until(lambda: not browser.value(lost), 60, "it does not find the daemon again")
    return time.monotonic() - start
