import { ConnectionLostError } from "@web/core/network/rpc";

/**
 * Return the response to a request, or undefined if the connection to Odoo was lost.
 *
 * Requests in the background use it: Odoo itself tells the user of a lost connection.
 */
export async function whenConnected(request) {
    try {
        return await request;
    } catch (error) {
        if (!(error instanceof ConnectionLostError)) {
            throw error;
        }
        return undefined;
    }
}
