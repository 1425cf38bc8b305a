// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "./client";

export type Appointment = Schemas["Appointment"];
export type AppointmentInput = Schemas["AppointmentInput"];
export type AuditEvent = Schemas["AuditEvent"];
export type Availability = Schemas["Availability"];
export type BlockTime = Schemas["BlockTime"];
export type BlockTimeInput = Schemas["BlockTimeInput"];
export type Card = Schemas["Card"];
export type Conflict = Schemas["Conflict"];
export type Connection = Schemas["Connection"];
export type Contact = Schemas["Contact"];
export type DisconnectReceipt = Schemas["DisconnectReceipt"];
export type FileRecord = Schemas["File"];
export type FollowUp = Schemas["FollowUp"];
export type Import = Schemas["Import"];
export type Me = Schemas["Me"];
export type Plugin = Schemas["Plugin"];
export type Role = Schemas["User"]["role"];
export type Service = Schemas["Service"];
export type SessionState = Schemas["SessionState"];
export type Staff = Schemas["Staff"];
export type SyncState = Schemas["SyncState"];
export type SyncStatus = Schemas["SyncStatus"];
export type Tenant = Schemas["Tenant"];
export type TimelineEntry = Schemas["TimelineEntry"];
export type User = Schemas["User"];
export type WorkingHours = Schemas["WorkingHours"];
