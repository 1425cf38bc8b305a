// SPDX-License-Identifier: Apache-2.0
#include "host/identity/common_passwords.h"

#include <algorithm>
#include <iterator>

namespace portico::identity {
namespace {

// In an order that people can read; sorted at compile time below.
constexpr std::string_view kCommon[] = {
    "00000000",   "0000000000", "01234567",     "0123456789",   "0987654321",    "11111111",   "1111111111",
    "11112222",   "11223344",   "1122334455",   "12121212",     "12341234",      "123123123",  "1234512345",
    "12345678",   "123456789",  "1234567890",   "12345678910",  "123456789a",    "123456abc",  "1234qwer",
    "12344321",   "123qweasd",  "123qwe123",    "147258369",    "1q2w3e4r",      "1q2w3e4r5t", "1qaz2wsx",
    "1qazxsw2",   "22222222",   "23456789",     "33333333",     "44444444",      "55555555",   "5555555555",
    "66666666",   "741852963",  "77777777",     "7777777777",   "789456123",     "87654321",   "88888888",
    "8888888888", "98765432",   "987654321",    "9876543210",   "99999999",      "a1234567",   "a12345678",
    "a123456789", "aa123456",   "aa12345678",   "aaaaaaaa",     "abc12345",      "abc123456",  "abcd1234",
    "abcdefgh",   "abcdefg1",   "abcdefghi",    "access14",     "administrator", "admin123",   "admin1234",
    "alexander",  "alexandra",  "andromeda",    "arsenal1",     "asdasdasd",     "asdf1234",   "asdfasdf",
    "asdfghjk",   "asdfghjkl",  "asdfghjkl1",   "baseball",     "baseball1",     "basketball", "beautiful",
    "benjamin",   "bismillah",  "blink182",     "bonjour1",     "brooklyn",      "butterfly",  "caroline",
    "changeme",   "changeme1",  "charlie1",     "chelsea1",     "chocolate",     "christian",  "christine",
    "computer",   "corvette",   "daniel12",     "danielle",     "dearbook",      "december",   "dolphins",
    "dragon12",   "einstein",   "elephant",     "elizabeth",    "estrella",      "explorer",   "fernando",
    "football",   "football1",  "forever1",     "freedom1",     "fuckyou1",      "fuckyou2",   "garfield",
    "gateway1",   "godzilla",   "goodluck",     "guitar12",     "hannah123",     "hardcore",   "hello123",
    "hello1234",  "hellohello", "ichliebedich", "idontknow",    "iloveyou",      "iloveyou1",  "iloveyou2",
    "internet",   "jennifer",   "jessica1",     "jonathan",     "jordan23",      "juventus",   "kennwort",
    "killer123",  "kimberly",   "lasvegas",     "leonardo",     "letmein1",      "letmein123", "liverpool",
    "liverpool1", "lovelove",   "loveyou1",     "manchester",   "marlboro",      "mercedes",   "metallica",
    "michael1",   "michelle",   "midnight",     "monkey123",    "motdepasse",    "mustang1",   "myspace1",
    "nicholas",   "nirvana1",   "nothing1",     "november",     "p@ssw0rd",      "p@ssword",   "pa55word",
    "passport",   "passw0rd",   "password",     "password!",    "password0",     "password01", "password1",
    "password1!", "password12", "password123",  "password1234", "password2",     "password3",  "passwort",
    "patricia",   "patrick1",   "pokemon123",   "portico1",     "portico123",    "precious",   "princess",
    "princess1",  "qazwsxedc",  "q1w2e3r4",     "q1w2e3r4t5",   "qwer1234",      "qwerasdf",   "qwerqwer",
    "qwert123",   "qwerty12",   "qwerty123",    "qwerty1234",   "qwertyui",      "qwertyuiop", "qwertz123",
    "qwertzui",   "qwertzuiop", "qweasdzxc",    "realmadrid",   "rockstar",      "samantha",   "samsung1",
    "sandra12",   "schatz123",  "scorpion",     "september",    "shadow12",      "simpsons",   "slipknot",
    "snowboard",  "something",  "spiderman",    "spiderman1",   "starwars",      "starwars1",  "steelers",
    "stephanie",  "sunshine",   "sunshine1",    "superman",     "superman1",     "superstar",  "sweetheart",
    "swordfish",  "tennis12",   "test1234",     "testtest",     "thunder1",      "tinkerbell", "trustno1",
    "undertaker", "user1234",   "valentina",    "veronica",     "victoria",      "warcraft",   "welcome1",
    "welcome123", "whatever",   "whatever1",    "william1",     "winston1",      "wolfgang",   "xxxxxxxx",
    "yankees1",   "zaq12wsx",   "zaq1zaq1",     "zxcvbnm1",     "zxcvbnm123",
};

// For the binary search.
struct Sorted {
    std::string_view items[std::size(kCommon)];
    constexpr Sorted() : items{} {
        std::copy(std::begin(kCommon), std::end(kCommon), items);
        std::sort(std::begin(items), std::end(items));
    }
};

}  // namespace

bool isCommonPassword(std::string_view folded) {
    static constexpr Sorted kSorted;
    return std::binary_search(std::begin(kSorted.items), std::end(kSorted.items), folded);
}

}  // namespace portico::identity
