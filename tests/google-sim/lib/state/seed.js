// SPDX-License-Identifier: Apache-2.0
// What a fresh simulator holds: two accounts, one OAuth client, and per account a calendar with one private event and
// three Drive files that no app has made, so that the Picker has something to pick.
import { deflateSync } from 'node:zlib';
import { SYSTEM_GROUPS } from '../people/groups.js';
import { makeCalendar } from '../calendar/calendars.js';
import { storeEvent } from '../calendar/model.js';
import { makeFile } from '../drive/model.js';

const DAY_MS = 86400000;

export const DEFAULT_SEED = {
    canaryEventTitle: 'Dentist (private)',
    clients: [
        {
            clientId: 'portico-demo.apps.googleusercontent.com',
            clientSecret: 'portico-demo-secret',
            name: 'Portico demo',
            project: 'portico-demo',
            anyLoopbackRedirect: true,
        },
    ],
    accounts: [
        { email: 'demo.owner@gmail.test', name: 'Dana Owner' },
        { email: 'sam.stylist@gmail.test', name: 'Sam Stylist' },
    ],
};

export function seedAccount(world, account, given) {
    SYSTEM_GROUPS.forEach((group) => account.groups.set(group.resourceName, { ...group, members: new Set(), seq: 0 }));
    const primary = makeCalendar(world, account, { id: account.email, summary: account.email, primary: true });
    const titles = given.events ?? [
        { summary: world.settings.seed?.canaryEventTitle ?? DEFAULT_SEED.canaryEventTitle },
    ];
    titles.forEach((event) => storeEvent(world, account, primary, { ...tomorrowAtEight(world), ...event }));
    (given.files ?? defaultFiles()).forEach((file) =>
        makeFile(
            world,
            account,
            {
                name: file.name,
                mimeType: file.mimeType ?? 'application/octet-stream',
            },
            file.content ?? Buffer.from(file.text ?? ''),
        ),
    );
}

function tomorrowAtEight(world) {
    const day = new Date(world.now() + DAY_MS).toISOString().slice(0, 10);
    return { start: { dateTime: `${day}T08:00:00Z` }, end: { dateTime: `${day}T09:00:00Z` } };
}

function defaultFiles() {
    return [
        { name: 'Price list 2026.pdf', mimeType: 'application/pdf', content: smallPdf('Price list 2026') },
        { name: 'Colour chart.png', mimeType: 'image/png', content: smallPng() },
        {
            name: 'Consent form.docx',
            mimeType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
            content: smallDocx('Consent form'),
        },
    ];
}

/** A valid one-page PDF that shows one line. */
function smallPdf(text) {
    const stream = `BT /F1 24 Tf 72 720 Td (${text}) Tj ET`;
    const objects = [
        '<</Type/Catalog/Pages 2 0 R>>',
        '<</Type/Pages/Kids[3 0 R]/Count 1>>',
        '<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
        `<</Length ${stream.length}>>stream\n${stream}\nendstream`,
        '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    ];
    let out = '%PDF-1.4\n';
    const offsets = objects.map((object, i) => {
        const at = out.length;
        out += `${i + 1} 0 obj${object}endobj\n`;
        return at;
    });
    const xref = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
    return Buffer.from(
        `${out}xref\n0 6\n0000000000 65535 f \n${xref}trailer<</Size 6/Root 1 0 R>>\nstartxref\n${out.length}\n%%EOF\n`,
    );
}

/** A valid 16x16 PNG with a colour ramp. */
function smallPng() {
    const side = 16;
    const rows = Buffer.alloc(side * (1 + side * 3));
    for (let y = 0; y < side; y += 1) {
        for (let x = 0; x < side; x += 1) rows.set([x * 16, y * 16, 128], y * (1 + side * 3) + 1 + x * 3);
    }
    const header = Buffer.alloc(13);
    header.writeUInt32BE(side, 0);
    header.writeUInt32BE(side, 4);
    header.set([8, 2, 0, 0, 0], 8);
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    return Buffer.concat([
        signature,
        pngChunk('IHDR', header),
        pngChunk('IDAT', deflateSync(rows)),
        pngChunk('IEND', Buffer.alloc(0)),
    ]);
}

function pngChunk(type, data) {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const check = Buffer.alloc(4);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
}

/** A minimal Word document: a ZIP of stored entries. */
function smallDocx(text) {
    const schemas = 'http://schemas.openxmlformats.org';
    const pack = `${schemas}/package/2006`;
    const mime = 'application/vnd.openxmlformats';
    const main = `${mime}-officedocument.wordprocessingml.document.main+xml`;
    const target = `Type="${schemas}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"`;
    const paragraph = `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
    return storedZip({
        '[Content_Types].xml':
            `<Types xmlns="${pack}/content-types">` +
            `<Default Extension="rels" ContentType="${mime}-package.relationships+xml"/>` +
            `<Override PartName="/word/document.xml" ContentType="${main}"/></Types>`,
        '_rels/.rels':
            `<Relationships xmlns="${pack}/relationships">` + `<Relationship Id="r1" ${target}/></Relationships>`,
        'word/document.xml':
            `<w:document xmlns:w="${schemas}/wordprocessingml/2006/main"><w:body>` +
            `${paragraph}</w:body></w:document>`,
    });
}

function storedZip(entries) {
    const local = [];
    const central = [];
    let at = 0;
    for (const [name, text] of Object.entries(entries)) {
        const data = Buffer.from(text);
        const fixed = Buffer.alloc(26);
        fixed.writeUInt16LE(20, 0);
        fixed.writeUInt32LE(crc32(data), 10);
        fixed.writeUInt32LE(data.length, 14);
        fixed.writeUInt32LE(data.length, 18);
        fixed.writeUInt16LE(name.length, 22);
        const tail = Buffer.alloc(14);
        tail.writeUInt32LE(at, 10);
        local.push(Buffer.from('PK\x03\x04'), fixed, Buffer.from(name), data);
        central.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), fixed, tail, Buffer.from(name));
        at += 30 + name.length + data.length;
    }
    const directory = Buffer.concat(central);
    const end = Buffer.alloc(18);
    end.writeUInt16LE(Object.keys(entries).length, 4);
    end.writeUInt16LE(Object.keys(entries).length, 6);
    end.writeUInt32LE(directory.length, 8);
    end.writeUInt32LE(at, 12);
    return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06'), end]);
}

/** CRC-32 as PNG and ZIP use it (Node's zlib has it only from 20.15 on). */
function crc32(data) {
    let crc = ~0;
    for (const byte of data) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
}
