// SPDX-License-Identifier: Apache-2.0
// `portico plugin new NAME [--c] [--into DIR]`: a plugin project of one's own, copied from the template of the SDK that
// this program was installed with. The template is itself a working plugin; only its names are replaced.
#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <iostream>
#include <utility>
#include <vector>

#include "host/base/error.h"
#include "host/base/fd.h"
#include "host/main/commands.h"
#include "host/manifest/pattern.h"

namespace portico::app {
namespace {

namespace fs = std::filesystem;

// A name as the different places spell it: my-notes, my_notes, My notes, MyNotes.
struct Spelling {
    std::string id, word, title, type;

    explicit Spelling(const std::string& name) : id(name) {
        bool starts = true;
        for (const char c : name) {
            const bool joint = c == '-' || c == '.';
            const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            word += joint ? '_' : c;
            title += joint ? ' ' : title.empty() ? upper : c;
            if (!joint) type += starts ? upper : c;
            starts = joint;
        }
    }
};

std::string renamed(std::string text, const Spelling& from, const Spelling& to) {
    for (const auto& [old, now] :
         {std::pair(from.id, to.id), {from.word, to.word}, {from.title, to.title}, {from.type, to.type}})
        for (std::size_t at = text.find(old); at != std::string::npos; at = text.find(old, at + now.size()))
            text.replace(at, old.size(), now);
    return text;
}

// Beside an installed program, or in the tree that a build folder belongs to.
fs::path templateFolder(const char* language) {
    const fs::path program = fs::read_symlink("/proc/self/exe").parent_path();
    for (const fs::path& all : {program / "../share/portico/template", program / "../../../plugin-api/template"})
        if (fs::exists(all / language / "plugin.json")) return (all / language).lexically_normal();
    throw Error(Code::NotFound, "no_template",
                "the plugin template is neither in " +
                    (program / "../share/portico/template").lexically_normal().string() +
                    " nor in a source tree; install the SDK: cmake --install BUILD --prefix DIR --component sdk");
}

void copy(const fs::path& source, const fs::path& target, const Spelling& from, const Spelling& to) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(source)) {
        const fs::path path = target / renamed(entry.path().lexically_relative(source).string(), from, to);
        if (entry.is_directory())
            fs::create_directories(path);
        else
            writeFileDurably(path, renamed(readFile(entry.path()), from, to), 0644);
    }
}

}  // namespace

int pluginNew(Arguments& arguments) {
    const bool c = arguments.flag("c");
    const auto into = arguments.option("into");
    const std::string name = arguments.positional("the plugin's name");
    arguments.finish();
    if (name.size() > 64 || !manifest::Pattern("[a-z][a-z0-9]*([.-][a-z0-9]+)*").matches(name))
        throw Error(Code::Invalid, "usage",
                    "'" + name +
                        "' cannot be a plugin's id: use lower-case words joined by '-' or '.', such as "
                        "loyalty-card or org.example.loyalty");
    const fs::path target = into.value_or(name);
    if (fs::exists(target) && !fs::is_empty(target))
        throw Error(
            Code::Conflict, "exists",
            target.string() + " is there already and is not empty; nothing was changed (another place: --into)");
    const bool made = fs::create_directories(target);
    try {
        copy(templateFolder(c ? "c" : "cxx"), target, Spelling(c ? "visit-counter" : "stamp-card"), Spelling(name));
    } catch (...) {
        if (made) fs::remove_all(target);
        throw;
    }
    const std::string folder = target.lexically_normal().string();
    std::cout << folder << " is a plugin that works. Next:\n  cd " << folder
              << " && cmake --preset dev && cmake --build --preset dev && ctest --preset dev\n";
    return 0;
}

}  // namespace portico::app
