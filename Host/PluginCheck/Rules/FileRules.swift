import Placement

/// The file as bytes: nothing of it runs.
enum FileRules {
    /// A larger file is worth a word; a host takes four times this.
    static let usualFileBytes = 64 << 20

    static let all: [Rule] =
        [
            Rule(
                "file-elf", .file, needs: .bytes,
                "The file is a 64-bit little-endian ELF file: nothing else can be loaded.", source: "entry.h"
            ) { subject, _ in
                let image = subject.image
                if !image.isELF { return .broken("it does not start with the ELF mark") }
                return image.is64Bit && image.isLittleEndian ? .kept : .broken("it is a 32-bit or big-endian ELF file")
            },
            Rule(
                "file-machine", .file, needs: .bytes, "The file is built for the machine of its host.",
                source: "entry.h"
            ) { subject, _ in
                let machine = subject.image.machine ?? 0
                return machine == ELFImage.hostMachine
                    ? .kept : .broken("it is for machine \(machine), this host is \(ELFImage.hostMachine)")
            },
            Rule(
                "file-shared-library", .file, needs: .bytes,
                "The file is a shared library (ELF type 3), so that it can be placed at any address.", source: "entry.h"
            ) { subject, _ in
                subject.image.type == 3 ? .kept : .broken("its ELF type is \(subject.image.type ?? 0)")
            },
            Rule(
                "file-no-interpreter", .file, needs: .bytes,
                "The file names no program interpreter: it is no program of its own.", source: "entry.h"
            ) { subject, _ in
                subject.image.segments.contains { $0.type == ELFImage.SegmentType.interpreter }
                    ? .broken("it has a PT_INTERP segment") : .kept
            },
            Rule(
                "file-well-formed", .file, needs: .bytes,
                "Every table of the file lies inside it and makes sense: a loader that trusts a broken file dies of "
                    + "it.",
                source: "PluginAPI/README.md"
            ) { subject, _ in
                do throws(PlacementError) {
                    _ = try ELFFile(checking: subject.image.bytes)
                    return .kept
                } catch {
                    return error.code == .malformed ? .broken(error.message) : .kept
                }
            },
            Rule(
                "file-no-writable-code", .file, needs: .bytes,
                "No segment is both writable and executable: a bug must not become new code.",
                source: "PluginAPI/README.md"
            ) { subject, _ in
                subject.image.segments.contains { $0.type == ELFImage.SegmentType.load && $0.flags & 3 == 3 }
                    ? .broken("a segment is writable and executable") : .kept
            },
            Rule(
                "file-no-executable-stack", .file, needs: .bytes,
                "The file does not ask for an executable stack, which would hold for all threads of its process.",
                source: "PluginAPI/README.md"
            ) { subject, _ in
                subject.image.segments.contains { $0.type == ELFImage.SegmentType.stack && $0.flags & 1 != 0 }
                    ? .broken("its PT_GNU_STACK is executable; link with -z noexecstack") : .kept
            },
            Rule(
                "file-no-text-relocations", .file, needs: .bytes,
                "Code needs no relocation, so its pages stay read-only and shared; compile with -fPIC.",
                source: "PluginAPI/README.md"
            ) { subject, _ in
                subject.image.hasTextRelocations ? .broken("it has DT_TEXTREL") : .kept
            },
            Rule(
                "file-relro", .file, .warning, needs: .bytes,
                "Tables that the loader fills are read-only afterwards (-z relro), so that a stray write cannot "
                    + "redirect calls.",
                source: "PluginAPI/README.md"
            ) { subject, _ in
                let type = ELFImage.SegmentType.readOnlyAfterRelocation
                return subject.image.segments.contains { $0.type == type } ? .kept : .broken("it has no PT_GNU_RELRO")
            },
        ] + linking

    /// Base systems and language runtimes that a host has by itself.
    private static let commonLibraries = [
        "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libgcc_s.so", "libstdc++.so", "libatomic.so",
        "ld-linux", "libswift", "libFoundation", "lib_Foundation", "libdispatch.so", "libBlocksRuntime.so",
    ]

    private static let linking: [Rule] = [
        Rule(
            "file-common-libraries", .file, .warning, needs: .bytes,
            "The file needs only libraries that each host has: the C library and language runtimes. Others are "
                + "linked in statically or packed beside it.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            let others = subject.image.needed.filter { name in !commonLibraries.contains { name.hasPrefix($0) } }
            return others.isEmpty ? .kept : .broken("it needs \(others.joined(separator: ", "))")
        },
        Rule(
            "file-search-path", .file, needs: .bytes,
            "Libraries are looked for beside the file ($ORIGIN) or where the system and the Swift runtime have them: "
                + "another folder could be filled by someone else.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            let others = subject.image.searchPaths.filter { path in
                path != "$ORIGIN" && !path.hasPrefix("$ORIGIN/") && !path.hasSuffix("/swift/linux")
            }
            return others.isEmpty ? .kept : .broken("its run path has \(others.joined(separator: ", "))")
        },
        Rule(
            "file-never-unloaded", .file, needs: .bytes,
            "The file is linked with -z nodelete: language runtimes keep pointers into it, and unloading would "
                + "leave them dangling.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            subject.image.isNeverUnloaded ? .kept : .broken("DF_1_NODELETE is not set; link with -z nodelete")
        },
        Rule(
            "file-one-export", .file, needs: .bytes,
            "Only bureau_plugin_entry_v1 is visible to others, so that two plugins in one process cannot bind to each "
                + "other's functions; link with PluginAPI/plugin.map.",
            source: "entry.h"
        ) { subject, _ in
            let others = subject.image.exports.filter { $0 != ELFFile.entrySymbol }
            guard !others.isEmpty else { return .kept }
            let more = others.count > 5 ? ", …" : ""
            return .broken("\(others.count) more: \(others.prefix(5).joined(separator: ", "))\(more)")
        },
        Rule(
            "file-size", .file, .warning, needs: .bytes,
            "The file has at most 64 MiB: it is copied and hashed at each load.", source: "PluginAPI/README.md"
        ) { subject, _ in
            let size = subject.image.bytes.count
            return size <= usualFileBytes ? .kept : .broken("it has \(size >> 20) MiB")
        },
    ]
}
