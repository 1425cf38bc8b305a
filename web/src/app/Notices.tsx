// SPDX-License-Identifier: Apache-2.0
import "@mantine/core/styles/Notification.css";
import "@mantine/notifications/styles.css";
import { Notifications } from "@mantine/notifications";

/** Where toasts appear. Apart from the first load: the store keeps what is said before this is there. */
export default function Notices() {
  return <Notifications position="bottom-center" limit={3} zIndex={500} />;
}
