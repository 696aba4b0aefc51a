/*
 * Video patch bay for Asterisk: when a channel enters a bridge.
 *
 * A port looks at its channel's bridge with every frame that passes. A channel that neither sends nor is sent anything
 * (a muted leg in a holding bridge) has none for seconds, and in a conference up to 20 ms go by: so Asterisk's own notice of
 * a channel entering a bridge is taken too, and the keyframe is asked at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "video_router.h"

#include "asterisk/stasis.h"
#include "asterisk/stasis_bridges.h"
#include "asterisk/stasis_channels.h"
#include "asterisk/stasis_message_router.h"

static struct stasis_message_router *router;

/*!
 * \brief Reference to the channel of a port, or NULL
 *
 * Asterisk's own search by unique id locks every channel there is, one after the other.
 */
static struct ast_channel *channel_find(const char *uniqueid)
{
	struct ast_channel *chan = NULL;
	struct vr_port *port;

	ast_rwlock_rdlock(&vr_table);
	AST_LIST_TRAVERSE(&vr_ports, port, in_table) {
		if (port->chan && !port->leaving && !strcmp(port->uniqueid, uniqueid)) {
			chan = ast_channel_ref(port->chan);
			break;
		}
	}
	ast_rwlock_unlock(&vr_table);
	return chan;
}

static void entered_or_left(void *data, struct stasis_subscription *subscription, struct stasis_message *message)
{
	const struct ast_bridge_blob *blob = stasis_message_data(message);
	struct ast_channel *chan;
	struct vr_port *port;

	if (!blob->channel || !(chan = channel_find(blob->channel->base->uniqueid))) {
		return;
	}
	ast_channel_lock(chan);
	if ((port = vr_port_find(chan))) {
		vr_port_refresh(port, chan);
		ao2_ref(port, -1);
	}
	ast_channel_unlock(chan);
	ast_channel_unref(chan);
}

int vr_bridges_start(void)
{
	if (!(router = stasis_message_router_create(ast_bridge_topic_all()))) {
		return -1;
	}
	if (stasis_message_router_add(router, ast_channel_entered_bridge_type(), entered_or_left, NULL)
		|| stasis_message_router_add(router, ast_channel_left_bridge_type(), entered_or_left, NULL)) {
		return -1;
	}
	return 0;
}

void vr_bridges_stop(void)
{
	stasis_message_router_unsubscribe_and_join(router); /* takes NULL */
	router = NULL;
}
