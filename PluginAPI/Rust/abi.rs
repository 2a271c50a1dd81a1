//! The structs of `bureau/*.h`, as Rust sees them. Layouts are checked against the headers by the project's tests.
use std::ffi::c_void;

pub const OK: i32 = 0;
pub const E_INVALID: i32 = -1;
pub const E_UNSUPPORTED: i32 = -2;
pub const E_DENIED: i32 = -3;
pub const E_BUDGET: i32 = -4;
pub const E_CANCELLED: i32 = -5;
pub const E_DEADLINE: i32 = -6;
pub const E_BUSY: i32 = -7;
pub const E_STALE: i32 = -8;
pub const E_STATE_VERSION: i32 = -9;
pub const E_IO: i32 = -10;
pub const E_INTERNAL: i32 = -11;
pub const E_NOT_FOUND: i32 = -12;
pub const E_CONFLICT: i32 = -13;
pub const E_TOO_LARGE: i32 = -14;
pub const E_REPLAY: i32 = -15;

pub const EVENT_CHUNK: u32 = 1;
pub const EVENT_DONE: u32 = 2;
pub const EVENT_FAILED: u32 = 3;
pub const EVENT_CANCELLED: u32 = 4;
pub const EVENT_COMPUTE: u32 = 5;
pub const EVENT_FLAG_REPLAYED: u32 = 1;
pub const EMIT_PROGRESS: u32 = 1;
pub const ANY_REVISION: u64 = u64::MAX;

/// Text, borrowed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub ptr: *const u8,
    pub len: u64,
}

impl Str {
    pub const fn of(text: &str) -> Str {
        Str { ptr: text.as_ptr(), len: text.len() as u64 }
    }
    /// # Safety
    /// The other side's text is valid until the current callback returns.
    pub unsafe fn text(&self) -> String {
        String::from_utf8_lossy(Buf { ptr: self.ptr, len: self.len }.bytes()).into_owned()
    }
}

/// Bytes, borrowed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Buf {
    pub ptr: *const u8,
    pub len: u64,
}

impl Buf {
    pub const fn of(bytes: &[u8]) -> Buf {
        Buf { ptr: bytes.as_ptr(), len: bytes.len() as u64 }
    }
    /// # Safety
    /// As `Str::text`.
    pub unsafe fn bytes<'a>(&self) -> &'a [u8] {
        if self.len == 0 { &[] } else { std::slice::from_raw_parts(self.ptr, self.len as usize) }
    }
}

#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub imp: *mut c_void,
    pub get_extension: unsafe extern "C" fn(*const Host, Str) -> *const c_void,
    pub arena_alloc: unsafe extern "C" fn(*const Host, u64, u64, u64) -> *mut c_void,
    pub emit: unsafe extern "C" fn(*const Host, u64, u32, Buf) -> i32,
    pub complete: unsafe extern "C" fn(*const Host, u64, i32, Buf, Str) -> i32,
    pub is_cancelled: unsafe extern "C" fn(*const Host, u64) -> u32,
    pub wake: unsafe extern "C" fn(*const Host, u64) -> i32,
}

#[repr(C)]
pub struct TaskStart {
    pub struct_size: u32,
    pub attempt: u32,
    pub call: u64,
    pub kind: Str,
    pub input_json: Buf,
    pub idempotency_key: Str,
    pub run_id: Str,
    pub timeout_ms: u64,
}

#[repr(C)]
pub struct Step {
    pub struct_size: u32,
    pub flags: u32,
    pub token: u64,
    pub name: Str,
}

#[repr(C)]
pub struct Event {
    pub struct_size: u32,
    pub kind: u32,
    pub call: u64,
    pub op: u64,
    pub token: u64,
    pub status: i32,
    pub flags: u32,
    pub value: u64,
    pub data: Buf,
    pub message: Str,
    pub usage: *const c_void,
}

#[repr(C)]
pub struct Plugin {
    pub struct_size: u32,
    pub reserved: u32,
    pub imp: *mut c_void,
    pub setup: unsafe extern "C" fn(*mut Plugin, Buf) -> i32,
    pub begin: unsafe extern "C" fn(*mut Plugin, *const TaskStart) -> i32,
    pub cancel: unsafe extern "C" fn(*mut Plugin, u64, i32),
    pub on_event: unsafe extern "C" fn(*mut Plugin, *const Event),
    pub on_wake: unsafe extern "C" fn(*mut Plugin, u64),
    pub destroy: unsafe extern "C" fn(*mut Plugin),
    pub get_extension: unsafe extern "C" fn(*mut Plugin, Str) -> *const c_void,
}

#[repr(C)]
pub struct HostInfo {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub name: Str,
    pub version: Str,
}

pub type Create = unsafe extern "C" fn(*const Host, *mut *mut Plugin) -> i32;

#[repr(C)]
pub struct Entry {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub min_host_minor: u16,
    pub reserved: u16,
    pub reserved2: u32,
    pub id: Str,
    pub version: Str,
    pub toolchain: Str,
    pub manifest_json: Buf,
    pub create: Create,
}

// It points to constants only.
unsafe impl Sync for Entry {}

impl Entry {
    pub const fn new(
        id: &'static str, version: &'static str, toolchain: &'static str, manifest: &'static str, create: Create,
    ) -> Entry {
        Entry {
            struct_size: std::mem::size_of::<Entry>() as u32,
            abi_major: 1,
            abi_minor: 0,
            min_host_minor: 0,
            reserved: 0,
            reserved2: 0,
            id: Str::of(id),
            version: Str::of(version),
            toolchain: Str::of(toolchain),
            manifest_json: Buf::of(manifest.as_bytes()),
            create,
        }
    }
}

type Start<A> = unsafe extern "C" fn(*const Host, u64, *const Step, A, *mut u64) -> i32;
type Start2<A, B> = unsafe extern "C" fn(*const Host, u64, *const Step, A, B, *mut u64) -> i32;
type Start3<A, B, C> = unsafe extern "C" fn(*const Host, u64, *const Step, A, B, C, *mut u64) -> i32;

#[repr(C)]
pub struct StepTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub begin: Start<Buf>,
    pub record: unsafe extern "C" fn(*const Host, u64, u64, u64, i32, Buf, Str, *mut u64) -> i32,
}

#[repr(C)]
pub struct ModelRequest {
    pub struct_size: u32,
    pub flags: u32,
    pub model: Str,
    pub messages_json: Buf,
    pub options_json: Buf,
    pub max_output_tokens: u64,
    pub timeout_ms: u64,
    pub max_cost_nanodollars: i64,
    pub chunk_credit: u64,
}

#[repr(C)]
pub struct ModelTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub start: Start<*const ModelRequest>,
}

#[repr(C)]
pub struct ToolTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub call: Start3<Str, Buf, u64>,
}

#[repr(C)]
pub struct StateTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub get: Start<Str>,
    pub put: Start3<Str, Buf, u64>,
    pub remove: Start2<Str, u64>,
    pub list: Start<Str>,
}

#[repr(C)]
pub struct ChildTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub run: Start3<Str, Str, Buf>,
    pub plan: Start<Buf>,
}

#[repr(C)]
pub struct ArtifactTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub put: Start3<Str, Str, Buf>,
    pub get: Start<Str>,
}

#[repr(C)]
pub struct TimerTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub sleep: Start<u64>,
}

#[repr(C)]
pub struct ClockTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub now: unsafe extern "C" fn(*const Host, u64, *const Step, *mut u64) -> i32,
}

#[repr(C)]
pub struct RandomTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub bytes: Start<u64>,
}

#[repr(C)]
pub struct LogTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub enabled: unsafe extern "C" fn(*const Host, i32) -> u32,
    pub write: unsafe extern "C" fn(*const Host, u64, i32, Str),
}
