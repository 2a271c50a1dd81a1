//! The Bureau SDK for Rust: tasks as plain blocking functions, std only, no build script.
//!
//! ```ignore
//! #[path = "../sdk/rust/bureau.rs"]
//! mod bureau;
//! use bureau::{Context, Failure};
//!
//! fn greet(context: &Context, input: &str) -> Result<String, Failure> {
//!     let reply = context.model("ask", "Greet Ada.", 50)?;
//!     Ok(format!("{{\"text\":{}}}", bureau::json::quoted(&reply)))
//! }
//! bureau::plugin!(id: "org.example.greeter", version: "1.0.0", manifest: MANIFEST, tasks: [("greet", greet)]);
//! ```
//!
//! Each task runs on a thread of its own. Each function of `Context` that takes a `step` is an effect: journaled
//! under that name, and answered from the journal when the run is repeated. A panic ends the task as a failure; it
//! never crosses the boundary. The specification is the C headers (`bureau/bureau.h`); this file only follows them.
#![allow(dead_code)]

#[path = "abi.rs"]
pub mod abi;
#[path = "json.rs"]
pub mod json;

use abi::*;
use std::collections::HashMap;
use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// What a task is: its context and its input (JSON that fits the manifest's schema) make its output (JSON).
pub type Task = fn(&Context, &str) -> Result<String, Failure>;

/// Tasks that run at once in one instance; a task beyond them is refused as busy and tried again.
const MAX_CALLS: usize = 1024;

/// Why a task or an effect failed. `status` is one of the `E_…` numbers.
#[derive(Debug, Clone)]
pub struct Failure {
    pub status: i32,
    pub message: String,
}

impl Failure {
    pub fn new(status: i32, message: impl Into<String>) -> Self {
        Failure { status, message: message.into() }
    }
    pub fn invalid(message: impl Into<String>) -> Self {
        Failure::new(E_INVALID, message)
    }
}

/// How an effect ended well.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub data: Vec<u8>,
    pub message: String,
    /// The service's number: a revision, a ticket, milliseconds, an HTTP status.
    pub value: u64,
    /// Taken from the journal: nothing was done or paid this time.
    pub replayed: bool,
    /// The host has no recorded result: compute it, and record it with the ticket in `value`.
    computes: bool,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.data).into_owned()
    }
}

struct CallState {
    token: u64,
    answer: Option<Result<Answer, Failure>>,
    cancelled: Option<i32>,
}

struct Call {
    state: Mutex<CallState>,
    changed: Condvar,
}

struct Shared {
    host: *const Host,
    configuration: Mutex<String>,
    open: Mutex<HashMap<u64, Arc<Call>>>,
    threads: Mutex<usize>,
    left: Condvar,
    tasks: &'static [(&'static str, Task)],
}

// The host's functions used here are tagged [any]; everything else is behind a lock.
unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

/// A poisoned lock holds data that is still whole: each critical section here is a few assignments.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// One task that runs.
pub struct Context {
    shared: Arc<Shared>,
    call: u64,
    open: Arc<Call>,
    pub attempt: u32,
    pub run_id: String,
    /// The same on every attempt of this run.
    pub idempotency_key: String,
}

impl Context {
    /// The agent's configuration, a JSON object.
    pub fn configuration(&self) -> String {
        locked(&self.shared.configuration).clone()
    }

    unsafe fn table<T>(&self, id: &str) -> Result<&T, Failure> {
        let host = self.shared.host;
        let table = ((*host).get_extension)(host, Str::of(id)) as *const T;
        // Every table starts with its size.
        if table.is_null() || (*(table as *const u32) as usize) < std::mem::size_of::<T>() {
            return Err(Failure::new(E_UNSUPPORTED, format!("this host does not offer {id}")));
        }
        Ok(&*table)
    }

    fn operation(
        &self, name: &str, start: impl FnOnce(*const Host, u64, *const Step, *mut u64) -> i32,
    ) -> Result<Answer, Failure> {
        let token = {
            let mut state = locked(&self.open.state);
            if let Some(reason) = state.cancelled {
                return Err(Failure::new(reason, "the task was cancelled"));
            }
            state.token += 1;
            state.answer = None;
            state.token
        };
        let step = Step { struct_size: std::mem::size_of::<Step>() as u32, flags: 0, token, name: Str::of(name) };
        let mut operation = 0u64;
        let status = start(self.shared.host, self.call, &step, &mut operation);
        if status != OK {
            return Err(Failure::new(if status < 0 { status } else { E_INTERNAL }, "the host refused the request"));
        }
        let mut state = locked(&self.open.state);
        loop {
            if let Some(answer) = state.answer.take() {
                state.token += 1; // closed: a later event is dropped
                return answer;
            }
            if let Some(reason) = state.cancelled {
                state.token += 1;
                return Err(Failure::new(reason, "the task was cancelled"));
            }
            state = self.open.changed.wait(state).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }

    /// Work of your own whose result must survive a crash: `compute` runs once for each run.
    pub fn step(
        &self, name: &str, shape: &str, compute: impl FnOnce() -> Result<String, Failure>,
    ) -> Result<String, Failure> {
        let table: &StepTable = unsafe { self.table("bureau.host.step/1")? };
        let opened = self.operation(name, |host, call, step, op| unsafe {
            (table.begin)(host, call, step, Buf::of(shape.as_bytes()), op)
        })?;
        if !opened.computes {
            return Ok(opened.text());
        }
        let (status, result, message) = match compute() {
            Ok(result) => (OK, result, String::new()),
            Err(failure) => (failure.status, String::new(), failure.message),
        };
        self.operation("", |host, call, step, op| unsafe {
            let token = (*step).token;
            (table.record)(host, call, opened.value, token, status, Buf::of(result.as_bytes()), Str::of(&message), op)
        })?;
        Ok(result)
    }

    /// Asks the operator's default model one question; the answer's text.
    pub fn model(&self, step: &str, prompt: &str, max_output_tokens: u64) -> Result<String, Failure> {
        let messages = format!("[{{\"role\":\"user\",\"content\":{}}}]", json::quoted(prompt));
        let answer = self.model_messages(step, "", &messages, "", max_output_tokens)?;
        let reply = json::parse(&answer.text()).map_err(|why| Failure::new(E_INTERNAL, why))?;
        Ok(reply.get("text").and_then(|text| text.as_str()).unwrap_or_default().to_string())
    }

    /// `data` is `{"text":…,"model":…,"provider":…,"finish_reason":…}`.
    pub fn model_messages(
        &self, step: &str, model: &str, messages_json: &str, options_json: &str, max_output_tokens: u64,
    ) -> Result<Answer, Failure> {
        let table: &ModelTable = unsafe { self.table("bureau.host.model/1")? };
        let request = ModelRequest {
            struct_size: std::mem::size_of::<ModelRequest>() as u32,
            flags: 0,
            model: Str::of(model),
            messages_json: Buf::of(messages_json.as_bytes()),
            options_json: Buf::of(options_json.as_bytes()),
            max_output_tokens,
            timeout_ms: 0,
            max_cost_nanodollars: 0,
            chunk_credit: 0,
        };
        self.operation(step, |host, call, step, op| unsafe { (table.start)(host, call, step, &request, op) })
    }

    /// `data` is the tool's result as JSON.
    pub fn tool(&self, step: &str, tool: &str, arguments_json: &str) -> Result<Answer, Failure> {
        let table: &ToolTable = unsafe { self.table("bureau.host.tool/1")? };
        self.operation(step, |host, call, step, op| unsafe {
            (table.call)(host, call, step, Str::of(tool), Buf::of(arguments_json.as_bytes()), 0, op)
        })
    }

    /// Durable state of this agent: its value and revision, or `None`.
    pub fn state_get(&self, step: &str, key: &str) -> Result<Option<(String, u64)>, Failure> {
        let table: &StateTable = unsafe { self.table("bureau.host.state/1")? };
        match self.operation(step, |host, call, step, op| unsafe { (table.get)(host, call, step, Str::of(key), op) }) {
            Ok(answer) => Ok(Some((answer.text(), answer.value))),
            Err(failure) if failure.status == E_NOT_FOUND => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// `expected_revision`: 0 only if the key is missing, `ANY_REVISION` always; else `E_CONFLICT` when it is another.
    pub fn state_put(&self, step: &str, key: &str, value: &str, expected_revision: u64) -> Result<u64, Failure> {
        let table: &StateTable = unsafe { self.table("bureau.host.state/1")? };
        let value = Buf::of(value.as_bytes());
        self.operation(step, |host, call, step, op| unsafe {
            (table.put)(host, call, step, Str::of(key), value, expected_revision, op)
        })
        .map(|answer| answer.value)
    }

    /// Work for another department; its output (JSON).
    pub fn child(&self, step: &str, department: &str, task: &str, input_json: &str) -> Result<String, Failure> {
        let table: &ChildTable = unsafe { self.table("bureau.host.child/1")? };
        self.operation(step, |host, call, step, op| unsafe {
            (table.run)(host, call, step, Str::of(department), Str::of(task), Buf::of(input_json.as_bytes()), op)
        })
        .map(|answer| answer.text())
    }

    /// What the run leaves behind; its digest.
    pub fn artifact(&self, step: &str, name: &str, media_type: &str, bytes: &[u8]) -> Result<String, Failure> {
        let table: &ArtifactTable = unsafe { self.table("bureau.host.artifact/1")? };
        self.operation(step, |host, call, step, op| unsafe {
            (table.put)(host, call, step, Str::of(name), Str::of(media_type), Buf::of(bytes), op)
        })
        .map(|answer| answer.text())
    }

    pub fn sleep(&self, step: &str, milliseconds: u64) -> Result<(), Failure> {
        let table: &TimerTable = unsafe { self.table("bureau.host.timer/1")? };
        self.operation(step, |host, call, step, op| unsafe { (table.sleep)(host, call, step, milliseconds, op) })
            .map(|_| ())
    }

    /// Unix time in milliseconds, recorded once for each run.
    pub fn now(&self, step: &str) -> Result<u64, Failure> {
        let table: &ClockTable = unsafe { self.table("bureau.host.clock/1")? };
        self.operation(step, |host, call, step, op| unsafe { (table.now)(host, call, step, op) })
            .map(|answer| answer.value)
    }

    /// Random bytes (1 to 4,096), recorded once for each run. Not for keys or secrets.
    pub fn random(&self, step: &str, count: u64) -> Result<Vec<u8>, Failure> {
        let table: &RandomTable = unsafe { self.table("bureau.host.random/1")? };
        self.operation(step, |host, call, step, op| unsafe { (table.bytes)(host, call, step, count, op) })
            .map(|answer| answer.data)
    }

    /// Not an effect: shown live, never journaled. `fraction_milli`: 0 to 1000.
    pub fn progress(&self, fraction_milli: u32, text: &str) {
        let data = format!("{{\"fraction_milli\":{fraction_milli},\"text\":{}}}", json::quoted(text));
        let host = self.shared.host;
        unsafe { ((*host).emit)(host, self.call, EMIT_PROGRESS, Buf::of(data.as_bytes())) };
    }

    /// Not an effect. `level`: 0 debug, 1 info, 2 warning, 3 error.
    pub fn log(&self, level: i32, text: &str) {
        if let Ok(table) = unsafe { self.table::<LogTable>("bureau.host.log/1") } {
            unsafe { (table.write)(self.shared.host, self.call, level, Str::of(text)) };
        }
    }

    pub fn is_cancelled(&self) -> bool {
        let host = self.shared.host;
        unsafe { ((*host).is_cancelled)(host, self.call) != 0 }
    }
}

// ---- The plugin's side of the table ------------------------------------------------------------------------

struct Instance {
    plugin: Plugin,
    shared: Arc<Shared>,
}

unsafe fn shared_of(plugin: *mut Plugin) -> Arc<Shared> {
    (*((*plugin).imp as *const Instance)).shared.clone()
}

unsafe extern "C" fn setup(plugin: *mut Plugin, configuration: Buf) -> i32 {
    let shared = shared_of(plugin);
    *locked(&shared.configuration) = String::from_utf8_lossy(configuration.bytes()).into_owned();
    OK
}

unsafe extern "C" fn begin(plugin: *mut Plugin, task: *const TaskStart) -> i32 {
    let shared = shared_of(plugin);
    let task = &*task;
    let name = task.kind.text();
    let function = match shared.tasks.iter().find(|known| known.0 == name) {
        Some(known) => known.1,
        None => return E_NOT_FOUND,
    };
    let open = Arc::new(Call {
        state: Mutex::new(CallState { token: 0, answer: None, cancelled: None }),
        changed: Condvar::new(),
    });
    let context = Context {
        shared: shared.clone(),
        call: task.call,
        open: open.clone(),
        attempt: task.attempt,
        run_id: task.run_id.text(),
        idempotency_key: task.idempotency_key.text(),
    };
    let input = String::from_utf8_lossy(task.input_json.bytes()).into_owned();
    {
        let mut threads = locked(&shared.threads);
        if *threads >= MAX_CALLS {
            return E_BUSY;
        }
        *threads += 1;
    }
    locked(&shared.open).insert(task.call, open);
    let call = task.call;
    let spawned = std::thread::Builder::new().stack_size(1 << 20).spawn(move || run(context, function, input));
    if spawned.is_ok() {
        return OK;
    }
    locked(&shared.open).remove(&call);
    *locked(&shared.threads) -= 1;
    E_BUSY
}

fn run(context: Context, function: Task, input: String) {
    let outcome = catch_unwind(AssertUnwindSafe(|| function(&context, &input))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(Failure::new(E_INTERNAL, format!("the task panicked: {text}")))
    });
    let shared = context.shared.clone();
    let call = context.call;
    drop(context);
    locked(&shared.open).remove(&call);
    let host = shared.host;
    unsafe {
        match &outcome {
            Ok(output) => ((*host).complete)(host, call, OK, Buf::of(output.as_bytes()), Str::of("")),
            Err(failure) => {
                let status = if failure.status < 0 { failure.status } else { E_INTERNAL };
                ((*host).complete)(host, call, status, Buf::of(b""), Str::of(&failure.message))
            }
        };
    }
    // `destroy` may go on as soon as it sees no thread.
    let mut threads = locked(&shared.threads);
    *threads -= 1;
    shared.left.notify_all();
}

unsafe extern "C" fn cancel(plugin: *mut Plugin, call: u64, reason: i32) {
    let shared = shared_of(plugin);
    let open = locked(&shared.open).get(&call).cloned();
    if let Some(open) = open {
        let mut state = locked(&open.state);
        state.cancelled.get_or_insert(if reason < 0 { reason } else { E_CANCELLED });
        open.changed.notify_all();
    }
}

unsafe extern "C" fn on_event(plugin: *mut Plugin, event: *const Event) {
    let shared = shared_of(plugin);
    let event = &*event;
    let open = match locked(&shared.open).get(&event.call).cloned() {
        Some(open) if event.kind != EVENT_CHUNK => open,
        _ => return,
    };
    let answer = Answer {
        data: event.data.bytes().to_vec(),
        message: event.message.text(),
        value: event.value,
        replayed: event.flags & EVENT_FLAG_REPLAYED != 0,
        computes: event.kind == EVENT_COMPUTE,
    };
    let result = match event.kind {
        EVENT_DONE | EVENT_COMPUTE => Ok(answer),
        EVENT_CANCELLED => Err(Failure::new(E_CANCELLED, answer.message)),
        _ => Err(Failure::new(if event.status < 0 { event.status } else { E_INTERNAL }, answer.message)),
    };
    let mut state = locked(&open.state);
    if state.token == event.token && state.answer.is_none() {
        state.answer = Some(result);
        open.changed.notify_all();
    }
}

unsafe extern "C" fn on_wake(_plugin: *mut Plugin, _token: u64) {}

unsafe extern "C" fn destroy(plugin: *mut Plugin) {
    let instance = Box::from_raw((*plugin).imp as *mut Instance);
    let mut threads = locked(&instance.shared.threads);
    while *threads > 0 {
        threads = instance.shared.left.wait(threads).unwrap_or_else(|poisoned| poisoned.into_inner());
    }
}

unsafe extern "C" fn get_extension(_plugin: *mut Plugin, _id: Str) -> *const c_void {
    std::ptr::null()
}

/// For `plugin!`.
///
/// # Safety
/// As `create` in `bureau/entry.h`.
pub unsafe fn create(host: *const Host, out: *mut *mut Plugin, tasks: &'static [(&'static str, Task)]) -> i32 {
    let shared = Arc::new(Shared {
        host,
        configuration: Mutex::new(String::new()),
        open: Mutex::new(HashMap::new()),
        threads: Mutex::new(0),
        left: Condvar::new(),
        tasks,
    });
    let plugin = Plugin {
        struct_size: std::mem::size_of::<Plugin>() as u32,
        reserved: 0,
        imp: std::ptr::null_mut(),
        setup,
        begin,
        cancel,
        on_event,
        on_wake,
        destroy,
        get_extension,
    };
    let instance = Box::into_raw(Box::new(Instance { plugin, shared }));
    (*instance).plugin.imp = instance as *mut c_void;
    *out = &mut (*instance).plugin;
    OK
}

/// Defines the entry function. `manifest` is a `&'static str`.
macro_rules! plugin {
    (id: $id:expr, version: $version:expr, manifest: $manifest:expr, tasks: $tasks:expr $(,)?) => {
        unsafe extern "C" fn bureau_create(
            host: *const $crate::bureau::abi::Host, out: *mut *mut $crate::bureau::abi::Plugin,
        ) -> i32 {
            static TASKS: &[(&str, $crate::bureau::Task)] = &$tasks;
            $crate::bureau::create(host, out, TASKS)
        }

        #[no_mangle]
        pub extern "C" fn bureau_plugin_entry_v1(
            _host: *const $crate::bureau::abi::HostInfo,
        ) -> *const $crate::bureau::abi::Entry {
            static ENTRY: $crate::bureau::abi::Entry =
                $crate::bureau::abi::Entry::new($id, $version, "rust", $manifest, bureau_create);
            &ENTRY
        }
    };
}
pub(crate) use plugin;
