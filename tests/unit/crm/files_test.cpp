// SPDX-License-Identifier: Apache-2.0
#include "host/crm/files.h"

#include <cppunit/extensions/HelperMacros.h>

#include <fstream>

#include "host/base/bytes.h"
#include "host/crm/follow_ups.h"
#include "host/crm/notes.h"
#include "tests/unit/crm/fixture.h"

using namespace portico;
using namespace portico::crm;
using tests::reasonOf;

namespace {
constexpr std::int64_t kQuota = 1000;
}

class FilesTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FilesTest);
    CPPUNIT_TEST(storesContentWithItsDigest);
    CPPUNIT_TEST(anUnfinishedUploadLeavesNothing);
    CPPUNIT_TEST(namesNeverLeaveTheStore);
    CPPUNIT_TEST(limitsSizeAndQuota);
    CPPUNIT_TEST(removingAFileRemovesItsContentAfterTheCommit);
    CPPUNIT_TEST(aDeletedContactLeavesItsFiles);
    CPPUNIT_TEST(theTimelineTellsEverythingNewestFirst);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<tests::Business> at_;
    std::unique_ptr<BlobStore> blobs_;

    File add(const StoredBlob& content, std::optional<std::string> contact = std::nullopt) {
        return at_->write([&](storage::Tx& tx) {
            return Files(tx, at_->clock.now()).create(at_->me, "photo.jpg", "image/jpeg", content, contact, kQuota);
        });
    }
    std::size_t filesOnDisk() {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(at_->dir / "blobs"))
            count += entry.is_regular_file() ? 1 : 0;
        return count;
    }

public:
    void setUp() override {
        at_ = std::make_unique<tests::Business>();
        blobs_ = std::make_unique<BlobStore>(at_->dir / "blobs", 600);
    }

    void storesContentWithItsDigest() {
        const StoredBlob content = blobs_->put(at_->me.tenant, "hello world");
        CPPUNIT_ASSERT_EQUAL(toHex(sha256("hello world")), content.sha256);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{11}, content.size);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{11}, blobs_->stat(at_->me.tenant, content.name).size);
        CPPUNIT_ASSERT_EQUAL(std::string("world"), blobs_->read(at_->me.tenant, content.name, 6, 100));
        CPPUNIT_ASSERT_EQUAL(std::string(""), blobs_->read(at_->me.tenant, content.name, 11, 100));
        CPPUNIT_ASSERT_EQUAL(std::string("no_blob"), reasonOf([&] { blobs_->stat(at_->them.tenant, content.name); }));
    }
    void anUnfinishedUploadLeavesNothing() {
        {
            BlobStore::Writer writer = blobs_->create(at_->me.tenant);
            writer.write("half");
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, filesOnDisk());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, filesOnDisk());
    }
    void namesNeverLeaveTheStore() {
        std::ofstream(at_->dir / "secret") << "x";
        for (const char* name : {"../../secret", "..", "", "/etc/passwd", "0123456789abcdef0123456789abcde/"})
            CPPUNIT_ASSERT_EQUAL(std::string("no_blob"), reasonOf([&] { blobs_->read(at_->me.tenant, name, 0, 1); }));
        CPPUNIT_ASSERT_EQUAL(std::string("tenant_rule"), reasonOf([&] { blobs_->put(TenantId(".."), "x"); }));
        for (const char* name : {"", "a/b", "..", "tab\x01"})
            CPPUNIT_ASSERT_EQUAL(std::string("bad_member"), reasonOf([&] {
                                     at_->write([&](storage::Tx& tx) {
                                         return Files(tx, at_->clock.now())
                                             .create(at_->me, name, "text/plain", {}, std::nullopt, kQuota);
                                     });
                                 }));
    }
    void limitsSizeAndQuota() {
        CPPUNIT_ASSERT_EQUAL(std::string("too_large"),
                             reasonOf([&] { blobs_->put(at_->me.tenant, std::string(601, 'x')); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, filesOnDisk());
        const std::string big(600, 'x');
        add(blobs_->put(at_->me.tenant, big));
        CPPUNIT_ASSERT_EQUAL(std::string("quota"), reasonOf([&] { add(blobs_->put(at_->me.tenant, big)); }));
        add(blobs_->put(at_->me.tenant, std::string(400, 'x')));
    }
    void removingAFileRemovesItsContentAfterTheCommit() {
        const File file = add(blobs_->put(at_->me.tenant, "bytes"));
        const auto remove = [&](bool fail) {
            return reasonOf([&] {
                at_->write([&](storage::Tx& tx) {
                    Files(tx, at_->clock.now()).remove(at_->me, file.id, 1, *blobs_);
                    if (fail) throw Error(Code::Invalid, "wanted", "undone");
                });
            });
        };
        CPPUNIT_ASSERT_EQUAL(std::string("wanted"), remove(true));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, filesOnDisk());
        CPPUNIT_ASSERT_EQUAL(std::string(""), remove(false));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, filesOnDisk());
        CPPUNIT_ASSERT_EQUAL(std::string("file.deleted"), at_->events().back().event.type);
    }
    void aDeletedContactLeavesItsFiles() {
        const Contact contact = at_->addContact(at_->me, R"({"name":{"full":"Bob"}})");
        const File file = add(blobs_->put(at_->me.tenant, "bytes"), contact.id);
        at_->write([&](storage::Tx& tx) {
            Notes(tx, at_->clock.now()).create(at_->me, contact.id, "gone with him");
            Contacts(tx, at_->clock.now()).remove(at_->me, contact.id, 1);
        });
        at_->read([&](storage::Tx& tx) {
            CPPUNIT_ASSERT(!Files(tx, {}).get(at_->me, file.id).contact_id);
            CPPUNIT_ASSERT(Notes(tx, {}).list(at_->me, contact.id, 10).empty());
        });
    }
    void theTimelineTellsEverythingNewestFirst() {
        const Contact contact = at_->addContact(at_->me, R"({"name":{"full":"Bob"}})");
        const auto later = [&] { at_->clock.advance(std::chrono::minutes(1)); };
        later();
        at_->write([&](storage::Tx& tx) { Notes(tx, at_->clock.now()).create(at_->me, contact.id, "likes tea"); });
        later();
        add(blobs_->put(at_->me.tenant, "bytes"), contact.id);
        AppointmentInput input = at_->at(at_->addStaff(at_->me).id, "2026-11-23T09:00");
        input.contact_ids = {contact.id};
        at_->book(input);
        at_->write([&](storage::Tx& tx) {
            FollowUps(tx, at_->clock.now())
                .create(at_->me,
                        {contact.id, std::nullopt, "Call", "", "2026-12-01", std::nullopt, "Europe/London", false});
        });
        std::string kinds, after;
        do {
            const Page<TimelineEntry> page =
                at_->read([&](storage::Tx& tx) { return timeline(at_->me, tx, contact.id, 2, after); });
            for (const TimelineEntry& entry : page.items) kinds += entry.kind + " ";
            after = page.next.value_or("");
        } while (!after.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("follow-up appointment file note activity "), kinds);
        CPPUNIT_ASSERT_EQUAL(
            std::string("no_contact"), reasonOf([&] {
                at_->write(at_->them, [&](storage::Tx& tx) { return timeline(at_->them, tx, contact.id, 5, ""); });
            }));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(FilesTest);
