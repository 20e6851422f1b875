// Drives Swagger UI as a person would, in a real browser without any network but the server's own address:
// open the page, authorise, try GET /api/v1/me, read the answer.
//
// usage: node browser.mjs ORIGIN ACCESS_TOKEN EMAIL, with ARTEL_CHROMIUM and NODE_TOOLS (a folder with node_modules)
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { chromium } = createRequire(join(process.env.NODE_TOOLS, "package.json"))("playwright-core");
const [origin, token, email] = process.argv.slice(2);
const PATIENCE_MS = 30_000;
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Collects what a page must not do: fail, complain, or ask anyone but its own server. */
function watch(page) {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`the page threw: ${error}`));
  page.on("console", (line) => line.type() === "error" && complaints.push(`console error: ${line.text()}`));
  page.on("requestfailed", (request) => complaints.push(`request failed: ${request.url()}`));
  page.on("response", (answer) => answer.status() >= 400 && complaints.push(`${answer.status()} for ${answer.url()}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    const local = url.protocol === "data:" || url.protocol === "blob:";
    if (!local && url.origin !== origin) complaints.push(`the page asked a stranger: ${url}`);
  });
  return complaints;
}

async function authorise(page) {
  await page.locator(".auth-wrapper .authorize").first().click();
  const session = page.locator(".auth-container", { has: page.locator("h4 code", { hasText: /^session$/ }) });
  await session.locator("input").fill(token);
  await session.locator("button.authorize[type=submit]").click();
  await session.locator("button.btn-done").click();
}

/** Executes GET /api/v1/me from its panel; gives the status and the body that the page shows. */
async function tryMe(page) {
  const panel = page.locator(".opblock-get").filter({ has: page.locator('[data-path="/api/v1/me"]') });
  await panel.locator(".opblock-summary-control").click();
  await panel.getByRole("button", { name: "Try it out" }).click();
  await panel.getByRole("button", { name: "Execute" }).click();
  const answer = panel.locator(".live-responses-table .response").first();
  await answer.waitFor();
  return {
    status: (await answer.locator(".response-col_status").innerText()).trim().split(/\s/)[0],
    body: await answer.locator(".response-col_description").innerText(),
  };
}

function judge(answer, complaints) {
  const faults = [...complaints];
  if (answer.status !== "200") faults.push(`GET /api/v1/me showed ${answer.status}, not 200`);
  if (!answer.body.includes(email)) faults.push(`GET /api/v1/me does not show ${email}: ${answer.body}`);
  return faults;
}

const profile = await mkdtemp(join(tmpdir(), "artel-browser-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.ARTEL_CHROMIUM, headless: true, args: FLAGS,
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints = watch(page);
  await page.goto(`${origin}/docs/`, { waitUntil: "networkidle" });
  await authorise(page);
  const faults = judge(await tryMe(page), complaints);
  faults.forEach((fault) => console.error(fault));
  console.log(faults.length === 0 ? `Swagger UI: authorised, tried GET /api/v1/me, saw ${email}` : `${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
