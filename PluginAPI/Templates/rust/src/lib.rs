//! A department in Rust. Tasks are plain blocking functions; sdk/rust/bureau.rs does the rest.
#[path = "../sdk/rust/bureau.rs"]
mod bureau;
use bureau::{json, Context, Failure};

/// How often this agent has greeted: durable, and counted once for each run however often it is repeated.
fn greet(context: &Context, input: &str) -> Result<String, Failure> {
    let input = json::parse(input).map_err(Failure::invalid)?;
    let name = input.get("name").and_then(|name| name.as_str()).ok_or_else(|| Failure::invalid("name is missing"))?;
    let text = context.step("compose", name, || Ok(json::quoted(&format!("Hello, {name}"))))?;
    context.progress(500, "composed");
    let (count, revision) = context.state_get("read", "greetings")?.unwrap_or(("0".into(), 0));
    let count = count.parse::<u64>().unwrap_or(0) + 1;
    context.state_put("write", "greetings", &count.to_string(), revision)?;
    context.log(1, "greeted");
    Ok(format!("{{\"text\":{text},\"count\":{count}}}"))
}

fn count(context: &Context, _input: &str) -> Result<String, Failure> {
    let stored = context.state_get("read", "greetings")?;
    Ok(format!("{{\"count\":{}}}", stored.map_or("0".into(), |(count, _)| count)))
}

const MANIFEST: &str = r#"{
  "manifest_version": 1, "id": "org.example.greeter", "department": "greeter", "version": "1.0.0",
  "title": "Greeter", "summary": "Greets people, and counts.", "state_schema_version": 1,
  "wants": {"models": [], "tools": [], "hosts": [], "departments": []},
  "tasks": [
    {"name": "greet", "summary": "Greets one person.", "timeout_seconds": 30, "requires_approval": false,
     "input_schema": {"type": "object", "additionalProperties": false, "required": ["name"],
       "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 100}}},
     "output_schema": {"type": "object", "additionalProperties": false, "required": ["count", "text"],
       "properties": {"count": {"type": "integer"}, "text": {"type": "string"}}}},
    {"name": "count", "summary": "How often it has greeted.", "requires_approval": false,
     "input_schema": {"type": "object", "additionalProperties": false, "properties": {}},
     "output_schema": {"type": "object", "additionalProperties": false, "required": ["count"],
       "properties": {"count": {"type": "integer"}}}}
  ]
}"#;

bureau::plugin!(
    id: "org.example.greeter", version: "1.0.0", manifest: MANIFEST, tasks: [("greet", greet), ("count", count)]
);
