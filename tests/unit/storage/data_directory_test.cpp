// SPDX-License-Identifier: Apache-2.0
#include "host/storage/data_directory.h"

#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>

#include <fstream>

#include "host/base/error.h"
#include "tests/support/temp_dir.h"

using namespace portico;
using storage::DataDirectory;

class DataDirectoryTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DataDirectoryTest);
    CPPUNIT_TEST(hasOneOwnerAtATime);
    CPPUNIT_TEST(saysWhatIsWrongWithAPlaceItCannotUse);
    CPPUNIT_TEST_SUITE_END();

    tests::TempDir dir_;

    std::string refusal(const std::filesystem::path& path) {
        try {
            DataDirectory directory(path);
        } catch (const Error& error) {
            return error.reason() + ": " + error.what();
        }
        return "";
    }

    void hasOneOwnerAtATime() {
        {
            const DataDirectory first(dir_ / "data");
            CPPUNIT_ASSERT(std::filesystem::status(dir_ / "data").permissions() == std::filesystem::perms::owner_all);
            const std::string text = refusal(dir_ / "data");
            CPPUNIT_ASSERT(text.starts_with("data_directory_in_use"));
            CPPUNIT_ASSERT(text.find("(pid " + std::to_string(::getpid()) + ")") != std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(std::string(), refusal(dir_ / "data"));
    }
    void saysWhatIsWrongWithAPlaceItCannotUse() {
        std::ofstream(dir_ / "file") << "x";
        for (const char* place : {"file", "file/below"}) {
            const std::string text = refusal(dir_ / place);
            CPPUNIT_ASSERT_MESSAGE(text, text.starts_with("data_directory_unwritable"));
            CPPUNIT_ASSERT_MESSAGE(text, text.find("--data") != std::string::npos);
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DataDirectoryTest);
