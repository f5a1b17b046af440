"""Pages of the explorer in a real browser: opened signed in, watched, and waited for by what they say of themselves."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from conftest import PASSWORD, LiveServer
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page
from small_town import CHAIN

from security.roles import system_actor
from usecases import access, people

Open = Callable[..., Page]
#: Everything the canvas holds, as text: two states are the same exactly when these are. With it, steps in effect.
STATE = """() => { const { core } = document.querySelector('[data-explorer]').ringtraceExplorer;
  return [JSON.stringify(core.state, (_, v) => v instanceof Map ? { map: [...v] } : v instanceof Set ? { set: [...v] } : v), core.history.log.done]; }"""
#: Nodes stand where they stood three frames ago: nothing is laid out, fitted or moved any more.
_STILL = """() => new Promise((done, fail) => {
  const { core } = document.querySelector('[data-explorer], [data-explorer-embed]').ringtraceExplorer;
  let [last, same] = ['', 0];
  const started = performance.now();
  const step = () => {
    if (performance.now() - started > 40000) return fail(new Error('the picture does not come to rest'));
    const now = JSON.stringify([...core.view.nodes.keys()].map((key) => core.renderer.screen(key)));
    same = now === last ? same + 1 : 0;
    last = now;
    if (same >= 3) done(); else requestAnimationFrame(step);
  };
  step();
})"""


@dataclass
class Seen:
    """What went wrong in the pages of a test: script errors, refusals of the content policy, requests to other sites."""

    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)


def signed_in(chromium: Browser, live: LiveServer, name: str, *roles: str, seen: Seen, **options: object) -> Page:
    """A page of this person, made with these roles unless there already, with the session's cookie and no sign-in page."""
    if name not in {person.name for person in people.list_people(live.services, system_actor())}:
        made = people.create(live.services, system_actor(), name, roles, name.title())
        access.change_password(live.services, made.person.actor("127.0.0.1"), made.password, PASSWORD)
    options.setdefault("viewport", {"width": 1440, "height": 860})
    context = chromium.new_context(base_url=live.url, accept_downloads=True, **options)  # type: ignore[arg-type]
    _with_session(context, live, name)
    page = context.new_page()
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", lambda said: seen.errors.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("request", lambda asked: None if _ours(asked.url, live) else seen.strangers.append(asked.url))
    return page


def _with_session(context: BrowserContext, live: LiveServer, name: str) -> None:
    signed = access.sign_in(live.services, name, PASSWORD, "127.0.0.1")
    assert signed is not None
    signer = live.app.session_interface.get_signing_serializer(live.app)  # type: ignore[attr-defined]
    context.add_cookies([{"name": "ringtrace", "value": signer.dumps({"sid": signed.token}), "url": live.url}])


def _ours(url: str, live: LiveServer) -> bool:
    return url.startswith((live.url, "data:", "blob:"))


def ready(page: Page, nodes: int) -> None:
    """The drawing holds so many nodes and has settled."""
    page.wait_for_selector(
        f'[data-explorer][data-nodes="{nodes}"]:not([data-busy]), [data-explorer-embed][data-nodes="{nodes}"]:not([data-busy])'
    )
    still(page)


def idle(page: Page) -> None:
    """Nothing is being loaded or laid out, and the picture stands."""
    page.wait_for_selector("[data-explorer]:not([data-busy])")
    still(page)


def still(page: Page) -> None:
    """The picture stands."""
    page.evaluate(_STILL)


def until(page: Page, condition: str) -> None:
    """Wait until a JavaScript condition holds. Playwright's own wait evaluates text, which the page's policy forbids."""
    page.evaluate(
        f"""() => new Promise((done, fail) => {{
          const started = performance.now();
          const look = () => {{
            if ({condition}) done();
            else if (performance.now() - started > 40000) fail(new Error({json.dumps(condition)}));
            else requestAnimationFrame(look);
          }};
          look();
        }})"""
    )


def pick(page: Page, *names: str) -> None:
    """Select by the table, which is linked to the drawing."""
    page.get_by_role("tab", name="Nodes").click()
    for index, name in enumerate(names):
        page.locator(".rt-table-grid tbody tr", has_text=name).first.click(modifiers=["Shift"] if index else [])
    page.locator(".rt-stage").focus()


def at(page: Page, label: str, id: str) -> tuple[float, float]:
    """Where a node is on the page."""
    point = page.evaluate(
        "([label, id]) => document.querySelector('[data-explorer]').ringtraceExplorer.screen(label, id)", [label, id]
    )
    return point["x"], point["y"]


def drawn(page: Page) -> int:
    """Different colours in a picture of the stage: a blank one has two or three at most."""
    picture = Image.open(io.BytesIO(page.locator(".rt-stage").screenshot())).convert("RGB")
    return len(picture.getcolors(1 << 24) or [])


def chain(page: Page, nodes: int = 5) -> None:
    """Open the small town's mule chain."""
    page.goto(f"/explorer?finding={CHAIN}")
    ready(page, nodes)


def status(page: Page) -> Locator:
    """What the explorer last said."""
    return page.locator(".rt-status-text")
