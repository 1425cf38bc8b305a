// SPDX-License-Identifier: Apache-2.0
#include "host/check/subject.h"

#include <algorithm>

#include "host/base/error.h"
#include "host/base/fd.h"

namespace portico::check {

Subject readSubject(const std::filesystem::path& folder, std::filesystem::path runner, std::uint64_t seed) {
    Subject out;
    out.folder = folder;
    out.runner = std::move(runner);
    out.seed = seed;
    try {
        out.manifest_text = readFile(folder / "plugin.json");
        out.manifest = manifest::parse(Json::parse(out.manifest_text));
    } catch (const Error& error) {
        out.manifest_problem = error.what();
        out.library_problem = "plugin.json cannot be read, so it is not known which library is the plugin's";
        return out;
    }
    try {
        out.library = readFile(folder / out.manifest.library);
    } catch (const Error& error) {
        out.library_problem = "the library " + out.manifest.library + " cannot be read: " + error.what();
    }
    return out;
}

std::vector<Test> allTests() {
    std::vector<Test> all;
    for (const auto& group : {fileTests(), loadTests(), tableTests(), hostTests(), callTests(), worldTests(),
                              outputTests(), fuzzTests(), sandboxTests()})
        all.insert(all.end(), group.begin(), group.end());
    return all;
}

std::vector<Test> chosenTests(std::string_view names) {
    std::vector<Test> all = allTests(), chosen;
    while (!names.empty()) {
        const std::size_t end = names.find(',');
        const std::string_view name = names.substr(0, end);
        const auto before = chosen.size();
        for (const Test& test : all)
            if (test.name == name || (name.ends_with('.') && test.name.starts_with(name))) chosen.push_back(test);
        if (chosen.size() == before)
            throw Error(Code::Invalid, "no_test",
                        "no test is called '" + std::string(name) + "' (--list names them all)");
        names = end == std::string_view::npos ? "" : names.substr(end + 1);
    }
    return chosen.empty() ? all : chosen;
}

}  // namespace portico::check
