"use strict";
// Shows and tries what openapi.json says. Text is set as text, never as markup; the token stays in this page's memory.

const methods = ["get", "post", "put", "delete", "patch"];
const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") made.textContent = value; else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function resolved(schema, api, depth = 0) {
  if (Array.isArray(schema)) return schema.map((one) => resolved(one, api, depth));
  if (schema === null || typeof schema !== "object") return schema;
  if (schema.$ref) {
    const target = schema.$ref.split("/").slice(1).reduce((place, name) => place[name], api);
    return depth > 6 ? { title: schema.$ref } : resolved(target, api, depth + 1);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolved(value, api, depth)]));
}

function requestFields(operation, api) {
  const fields = [];
  const form = element("div");
  for (const parameter of operation.parameters ?? []) {
    const input = element("input", { "aria-label": parameter.name, placeholder: parameter.description ?? "" });
    if (parameter.required) input.required = true;
    fields.push({ parameter, input });
    form.append(element("label", {}, element("span", { text: `${parameter.name} (${parameter.in})` }), input));
  }
  const content = operation.requestBody?.content["application/json"];
  let body = null;
  if (content) {
    body = element("textarea", { "aria-label": "Body", spellcheck: "false" });
    body.value = JSON.stringify(content.example ?? {}, null, 2);
    form.append(body, schemaView("The body's schema", content.schema, api));
  }
  return { fields, body, form };
}

function schemaView(title, schema, api) {
  const view = element("details", {}, element("summary", { text: title }));
  view.addEventListener("toggle", () => {
    if (view.children.length > 1) return;
    view.append(element("pre", { text: JSON.stringify(resolved(schema, api), null, 2) }));
  });
  return view;
}

async function send(method, path, { fields, body }, output) {
  let target = path;
  const query = new URLSearchParams();
  const headers = { Accept: "application/json, */*;q=0.5" };
  for (const { parameter, input } of fields) {
    if (input.value === "") continue;
    if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    if (parameter.in === "query") {
      const values = parameter.schema?.type === "array" ? input.value.split(",") : [input.value];
      for (const value of values) query.append(parameter.name, value);
    }
    if (parameter.in === "header") headers[parameter.name] = input.value;
  }
  const token = byId("token").value;
  if (token) headers.Authorization = `Bearer ${token}`;
  const options = { method: method.toUpperCase(), headers, credentials: "omit" };
  if (body && body.value.trim() !== "") {
    headers["Content-Type"] = "application/json";
    options.body = body.value;
  }
  output.textContent = "…";
  const started = performance.now();
  try {
    const response = await fetch(target + (query.size ? `?${query}` : ""), options);
    const text = await response.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: as it is */ }
    const head = `${response.status} ${response.statusText}  ${Math.round(performance.now() - started)} ms`;
    output.textContent = `${head}\n${[...response.headers].map((pair) => pair.join(": ")).join("\n")}\n\n${shown}`;
  } catch (error) {
    output.textContent = String(error);
  }
}

function card(method, path, operation, api) {
  const view = element("details", { id: operation.operationId, class: "operation" },
    element("summary", {}, element("span", { class: "method", text: method.toUpperCase() }),
      element("span", { class: "path", text: path }), element("span", { class: "summary", text: operation.summary })));
  view.dataset.words = `${method} ${path} ${operation.operationId} ${operation.summary}`.toLowerCase();
  view.addEventListener("toggle", () => {
    if (view.children.length > 1) return;
    const body = element("div", { class: "body" });
    if (operation.description) body.append(element("p", { text: operation.description }));
    const request = requestFields(operation, api);
    const output = element("pre", { text: "" });
    const button = element("button", { text: "Send", type: "button" });
    button.addEventListener("click", () => send(method, path, request, output));
    body.append(request.form, button, output);
    for (const [status, answer] of Object.entries(operation.responses)) {
      const known = resolved(answer, api, 0);
      const [content] = Object.values(known.content ?? {});
      const title = `${status} ${known.description ?? ""}`;
      body.append(content?.schema ? schemaView(title, content.schema, api) : element("p", { text: title }));
    }
    view.append(body);
  });
  return view;
}

function search(words) {
  const parts = words.toLowerCase().split(/\s+/);
  for (const section of document.querySelectorAll("section")) {
    let shown = 0;
    for (const view of section.querySelectorAll(".operation")) {
      view.hidden = !parts.every((part) => view.dataset.words.includes(part));
      shown += view.hidden ? 0 : 1;
    }
    section.hidden = shown === 0;
  }
}

async function start() {
  const api = await (await fetch("openapi.json")).json();
  byId("version").textContent = api.info.version;
  const sections = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods.filter((name) => item[name])) {
      const tag = item[method].tags[0];
      if (!sections.has(tag)) sections.set(tag, element("section", {}, element("h2", { text: tag })));
      sections.get(tag).append(card(method, path, item[method], api));
    }
  }
  byId("operations").replaceChildren(...[...sections.keys()].sort().map((tag) => sections.get(tag)));
  byId("search").addEventListener("input", (event) => search(event.target.value));
  if (location.hash) { const view = byId(location.hash.slice(1)); if (view) { view.open = true; view.scrollIntoView(); } }
}

start().catch((error) => { byId("operations").textContent = `The description cannot be read: ${error}`; });
