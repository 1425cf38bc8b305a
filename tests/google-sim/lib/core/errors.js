// SPDX-License-Identifier: Apache-2.0
// Google's two error shapes: the old one (Calendar, Drive) and google.rpc.Status (People). A handler throws ApiError;
// the server turns it into the shape of the API that was called.

const RPC_STATUS = {
    400: 'INVALID_ARGUMENT',
    401: 'UNAUTHENTICATED',
    403: 'PERMISSION_DENIED',
    404: 'NOT_FOUND',
    409: 'ALREADY_EXISTS',
    412: 'FAILED_PRECONDITION',
    429: 'RESOURCE_EXHAUSTED',
    500: 'INTERNAL',
    503: 'UNAVAILABLE',
};
const SCOPE_TEXT = 'Request had insufficient authentication scopes.';
const LOGIN_TEXT =
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or ' +
    'other valid authentication credential.';

export class ApiError extends Error {
    /**
     * @param {number} status HTTP status
     * @param {string} reason the old format's reason, e.g. notFound
     * @param {string} message text for a human
     * @param {{domain?, location?, locationType?, rpcStatus?, info?, headers?}} extra info = ErrorInfo reason
     */
    constructor(status, reason, message, extra = {}) {
        super(message);
        Object.assign(this, { status, reason, ...extra });
    }
}

export const badRequest = (message, reason = 'invalid', extra = {}) => new ApiError(400, reason, message, extra);
export const notFound = (message = 'Not Found') => new ApiError(404, 'notFound', message);

export function unauthenticated() {
    return new ApiError(401, 'authError', LOGIN_TEXT, {
        location: 'Authorization',
        locationType: 'header',
        short: 'Invalid Credentials',
        headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
    });
}

export function insufficientScope(methodId) {
    return new ApiError(403, 'insufficientPermissions', SCOPE_TEXT, {
        short: 'Insufficient Permission',
        info: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
        metadata: { method: methodId },
        headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"' },
    });
}

const SERVICES = {
    people: ['people.googleapis.com', 'People API'],
    calendar: ['calendar-json.googleapis.com', 'Google Calendar API'],
    drive: ['drive.googleapis.com', 'Google Drive API'],
};

/** The whole answer for an API that is not enabled in the project: the newer shape, with the older one's list where the API has it. */
export function apiDisabled(api, project) {
    const [service, title] = SERVICES[api];
    const url = `https://console.developers.google.com/apis/api/${service}/overview?project=${project}`;
    const message =
        `${title} has not been used in project ${project} before or it is disabled. Enable it by visiting ${url} then retry. ` +
        'If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.';
    const type = (name) => `type.googleapis.com/google.rpc.${name}`;
    return {
        status: 403,
        body: {
            error: {
                code: 403,
                message,
                ...(api !== 'people' && {
                    errors: [
                        {
                            message,
                            domain: 'usageLimits',
                            reason: 'accessNotConfigured',
                            extendedHelp: 'https://console.developers.google.com',
                        },
                    ],
                }),
                status: 'PERMISSION_DENIED',
                details: [
                    { '@type': type('Help'), links: [{ description: 'Google developers console API activation', url }] },
                    {
                        '@type': type('ErrorInfo'),
                        reason: 'SERVICE_DISABLED',
                        domain: 'googleapis.com',
                        metadata: { service, consumer: `projects/${project}` },
                    },
                ],
            },
        },
    };
}

/** The JSON body for one error in the shape of the given API. */
export function errorBody(api, error) {
    const body = { code: error.status, message: error.message };
    const status = error.rpcStatus ?? RPC_STATUS[error.status];
    if (api !== 'people' || error.rpcStatus === 'FAILED_PRECONDITION') {
        body.errors = [
            {
                message: error.short ?? error.message,
                domain: error.domain ?? 'global',
                reason: error.reason,
                ...(error.location && { location: error.location, locationType: error.locationType ?? 'parameter' }),
            },
        ];
    }
    if (status && (api === 'people' || [401].includes(error.status) || error.info)) body.status = status;
    if (error.info) {
        body.details = [
            {
                '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
                reason: error.info,
                domain: 'googleapis.com',
                metadata: error.metadata ?? {},
            },
        ];
    }
    return { error: body };
}
