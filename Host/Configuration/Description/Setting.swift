package import Kernel

/// One thing that can be set: what it is called, what it may be, where it may come from, and when it takes effect.
/// Reading files, `config explain`, the JSON Schema and the commented file are all made of these.
package struct Setting: Hashable, Sendable {
    /// When a new value takes effect in a host that serves.
    package enum Reload: String, Hashable, Sendable {
        case live
        case restart
    }

    /// Who uses the value.
    package enum Use: Hashable, Sendable {
        case host
        /// Read and checked, so that files and environments of others load as they are; the words say what becomes of
        /// it.
        case noted(String)
    }

    /// `section.name`, as in the file.
    package let key: String
    package let kind: SettingKind
    /// Nil: without a value until somebody gives one.
    package let fallback: JSONValue?
    package let summary: String
    /// Variables that carry it, the first of them before the others.
    package var environment: [String]
    /// `--port`; nil: there is none.
    package var flag: String?
    package var reload: Reload
    /// Never shown, and refused in files.
    package var isSecret: Bool
    package var use: Use
    /// Where others' files have it: `api.timeout_seconds`.
    package var aliases: [String]

    package init(
        _ key: String, _ kind: SettingKind, fallback: JSONValue?, _ summary: String, environment: [String] = [],
        flag: String? = nil, reload: Reload = .restart, isSecret: Bool = false, use: Use = .host,
        aliases: [String] = []
    ) {
        self.key = key
        self.kind = kind
        self.fallback = fallback
        self.summary = summary
        self.environment = environment
        self.flag = flag
        self.reload = reload
        self.isSecret = isSecret
        self.use = use
        self.aliases = aliases
    }
}

/// What is read through a ``Setting``, with its Swift type.
package struct SettingKey<Value: Sendable>: Sendable {
    package let setting: Setting
    let read: @Sendable (JSONValue?) -> Value

    init(_ setting: Setting, _ read: @escaping @Sendable (JSONValue?) -> Value) {
        self.setting = setting
        self.read = read
    }
}

extension SettingKey where Value == Int {
    init(number setting: Setting) {
        self.init(setting) { Int($0?.integerValue ?? setting.fallback?.integerValue ?? 0) }
    }
}

extension SettingKey where Value == Int? {
    init(number setting: Setting) { self.init(setting) { $0?.integerValue.map { Int($0) } } }
}

extension SettingKey where Value == Double {
    init(decimal setting: Setting) { self.init(setting) { $0?.doubleValue ?? setting.fallback?.doubleValue ?? 0 } }
}

extension SettingKey where Value == String {
    init(text setting: Setting) {
        self.init(setting) { $0?.stringValue ?? setting.fallback?.stringValue ?? "" }
    }
}

extension SettingKey where Value == String? {
    init(text setting: Setting) { self.init(setting) { $0?.stringValue } }
}

extension SettingKey where Value == Bool {
    init(flag setting: Setting) { self.init(setting) { $0?.boolValue ?? setting.fallback?.boolValue ?? false } }
}

extension SettingKey where Value == [String] {
    init(list setting: Setting) { self.init(setting) { $0?.arrayValue?.compactMap(\.stringValue) ?? [] } }
}
