// SPDX-License-Identifier: Apache-2.0
// Writing appointments and block times: each change offers its undo, which is a normal write of its own.
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ifMatch, onceOnly, unwrap } from "../api/client";
import type { Appointment, AppointmentInput, BlockTime, BlockTimeInput } from "../api/types";
import { toast, toastUndo } from "../lib/toast";

export function inputOf(item: Appointment): AppointmentInput {
  const { kind, title, contactIds, serviceId, staffId, start, timeZone, durationMinutes, status, notes, participants } =
    item;
  return { kind, title, contactIds, serviceId, staffId, start, timeZone, durationMinutes, status, notes, participants };
}

export function blockInputOf({ staffId, title, start, timeZone, durationMinutes, allDay }: BlockTime): BlockTimeInput {
  return { staffId, title, start, timeZone, durationMinutes, allDay };
}

export function useBooking() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = async () => {
    const keys = ["appointments", "block-times", "availability", "timeline"];
    await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
  async function done<T>(written: Promise<T>): Promise<T> {
    const result = await written;
    await refresh();
    return result;
  }

  const createAppointment = (body: AppointmentInput) =>
    done(unwrap(api.POST("/appointments", { params: { header: onceOnly() }, body })));
  const replaceAppointment = (item: Appointment, body: AppointmentInput) =>
    done(
      unwrap(
        api.PUT("/appointments/{appointmentId}", {
          params: { path: { appointmentId: item.id }, header: ifMatch(item) },
          body,
        }),
      ),
    );
  const createBlock = (body: BlockTimeInput) =>
    done(unwrap(api.POST("/block-times", { params: { header: onceOnly() }, body })));
  const replaceBlock = (item: BlockTime, body: BlockTimeInput) =>
    done(
      unwrap(
        api.PUT("/block-times/{blockTimeId}", {
          params: { path: { blockTimeId: item.id }, header: ifMatch(item) },
          body,
        }),
      ),
    );

  return {
    refresh,
    async book(body: AppointmentInput) {
      const made = await createAppointment(body);
      toast(t("calendar.booked"));
      return made;
    },
    async change(item: Appointment, body: AppointmentInput) {
      const saved = await replaceAppointment(item, body);
      toastUndo(t("calendar.changed"), () => replaceAppointment(saved, inputOf(item)));
      return saved;
    },
    async cancel(item: Appointment) {
      const params = { path: { appointmentId: item.id }, header: ifMatch(item) };
      const saved = await done(unwrap(api.POST("/appointments/{appointmentId}/cancel", { params })));
      toastUndo(t("calendar.cancelled"), () => replaceAppointment(saved, inputOf(item)));
    },
    async remove(item: Appointment) {
      const params = { path: { appointmentId: item.id }, header: ifMatch(item) };
      await done(unwrap(api.DELETE("/appointments/{appointmentId}", { params })));
      toastUndo(t("calendar.deleted"), () => createAppointment(inputOf(item)));
    },
    async block(body: BlockTimeInput) {
      const made = await createBlock(body);
      toast(t("calendar.blocked"));
      return made;
    },
    async changeBlock(item: BlockTime, body: BlockTimeInput) {
      const saved = await replaceBlock(item, body);
      toastUndo(t("calendar.changed"), () => replaceBlock(saved, blockInputOf(item)));
      return saved;
    },
    async removeBlock(item: BlockTime) {
      const params = { path: { blockTimeId: item.id }, header: ifMatch(item) };
      await done(unwrap(api.DELETE("/block-times/{blockTimeId}", { params })));
      toastUndo(t("calendar.blockDeleted"), () => createBlock(blockInputOf(item)));
    },
  };
}
