// SPDX-License-Identifier: Apache-2.0
// Month and day names of the date picker; English is built in.
import "dayjs/locale/de";
