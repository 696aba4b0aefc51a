/*
 * Video patch bay for Asterisk: ports, routes, and who is wired to whom.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "video_router.h"

ast_rwlock_t vr_table;
struct vr_port_list vr_ports = AST_LIST_HEAD_NOLOCK_INIT_VALUE;
struct vr_route_list vr_routes = AST_LIST_HEAD_NOLOCK_INIT_VALUE;

static const char *const role_function[] = {
	[VR_PUBLISHER] = "VIDEO_PUBLISH",
	[VR_SUBSCRIBER] = "VIDEO_SUBSCRIBE",
};

/*! \brief [A-Za-z0-9_.-]{1,64}: keys go into AMI headers and CLI lines as they are */
static int key_valid(const char *key)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t length = strlen(key);

	return length && length <= VR_KEY_LENGTH && strspn(key, allowed) == length;
}

/*! \pre table is locked for writing \return NULL out of memory */
static struct vr_route *route_get(const char *key)
{
	struct vr_route *route;

	AST_LIST_TRAVERSE(&vr_routes, route, in_table) {
		if (!strcmp(route->key, key)) {
			return route;
		}
	}
	if ((route = ast_calloc(1, sizeof(*route)))) {
		ast_copy_string(route->key, key, sizeof(route->key));
		AST_LIST_INSERT_TAIL(&vr_routes, route, in_table);
	}
	return route;
}

/*! \pre table is locked for writing */
static void route_release(struct vr_route *route)
{
	if (!route->publisher && AST_LIST_EMPTY(&route->subscribers)) {
		AST_LIST_REMOVE(&vr_routes, route, in_table);
		ast_free(route);
	}
}

static struct vr_route **port_route(struct vr_port *port, enum vr_role role)
{
	return role == VR_PUBLISHER ? &port->publishes : &port->subscribes;
}

/*!
 * \brief Take a port out of its route
 * \param[out] key of the route; "" when it had none
 * \pre table is locked for writing
 */
static void unlink_locked(struct vr_port *port, enum vr_role role, char *key)
{
	struct vr_route **route = port_route(port, role);

	*key = '\0';
	if (!*route) {
		return;
	}
	strcpy(key, (*route)->key); /* both are VR_KEY_LENGTH + 1 */
	if (role == VR_PUBLISHER) {
		(*route)->publisher = NULL;
	} else {
		AST_LIST_REMOVE(&(*route)->subscribers, port, in_route);
	}
	route_release(*route);
	*route = NULL;
}

static void event_unwired(struct ast_channel *chan, enum vr_role role, const char *key, const char *reason)
{
	char headers[64];

	if (*key) {
		snprintf(headers, sizeof(headers), "Reason: %s\r\n", reason);
		vr_event(chan, role == VR_PUBLISHER ? "VideoPublishStop" : "VideoUnsubscribe", key, headers);
	}
}

struct vr_port *vr_port_find(struct ast_channel *chan)
{
	struct vr_port *port;

	ast_rwlock_rdlock(&vr_table);
	AST_LIST_TRAVERSE(&vr_ports, port, in_table) {
		if (port->chan == chan && !port->leaving) {
			ao2_ref(port, +1);
			break;
		}
	}
	ast_rwlock_unlock(&vr_table);
	return port;
}

/*! \brief A task: tell that a publisher lost its key to another; the channel could not be locked where that happened */
struct displaced {
	struct ast_channel *chan;
	char key[VR_KEY_LENGTH + 1];
};

static int displaced_task(void *data)
{
	struct displaced *displaced = data;
	struct vr_port *port;

	ast_channel_lock(displaced->chan);
	if ((port = vr_port_find(displaced->chan))) {
		if (port->started) {
			port->started = 0;
			event_unwired(displaced->chan, VR_PUBLISHER, displaced->key, "takeover");
		}
		ao2_ref(port, -1);
	}
	ast_channel_unlock(displaced->chan);
	ast_channel_unref(displaced->chan);
	ast_free(displaced);
	return 0;
}

/*! \pre table is locked for writing */
static struct displaced *displace(struct vr_route *route)
{
	struct vr_port *loser = route->publisher;
	struct displaced *displaced;

	route->publisher = NULL;
	loser->publishes = NULL;
	if (loser->chan && (displaced = ast_calloc(1, sizeof(*displaced)))) {
		displaced->chan = ast_channel_ref(loser->chan);
		ast_copy_string(displaced->key, route->key, sizeof(displaced->key));
		return displaced;
	}
	return NULL;
}

/*!
 * \brief Change what a port is wired to
 * \pre the port's channel is locked
 */
static int rewire(struct vr_port *port, struct ast_channel *chan, enum vr_role role, const char *key)
{
	struct displaced *displaced = NULL;
	struct vr_route *route = NULL;
	char before[VR_KEY_LENGTH + 1];
	int idle;
	int was_started = port->started;

	ast_rwlock_wrlock(&vr_table);
	route = *port_route(port, role);
	if (route ? !strcmp(route->key, key) : ast_strlen_zero(key)) {
		ast_rwlock_unlock(&vr_table);
		return 0;
	}
	/* The new route first: when memory is short everything stays as it was. */
	if (!ast_strlen_zero(key) && !(route = route_get(key))) {
		ast_rwlock_unlock(&vr_table);
		return -1;
	}
	unlink_locked(port, role, before);
	if (!ast_strlen_zero(key)) {
		if (role == VR_PUBLISHER) {
			if (route->publisher) {
				displaced = displace(route);
			}
			route->publisher = port;
		} else {
			AST_LIST_INSERT_TAIL(&route->subscribers, port, in_route);
		}
		*port_route(port, role) = route;
	}
	idle = port->leaving = !port->publishes && !port->subscribes;
	ast_rwlock_unlock(&vr_table);

	if (role == VR_PUBLISHER) {
		/* The next frame is the first one under the new key. */
		port->started = 0;
	}
	if (role != VR_PUBLISHER || was_started) {
		event_unwired(chan, role, before, "removed");
	}
	if (displaced && vr_task_events(displaced_task, displaced)) {
		/* The queue is out of memory. The channel's last reference can't be ours: it is not hung up yet. */
		ast_channel_unref(displaced->chan);
		ast_free(displaced);
	}
	if (role == VR_SUBSCRIBER && !ast_strlen_zero(key)) {
		vr_event(chan, "VideoSubscribe", key, "");
		if (vr_port_able(port)) {
			vr_keyframe_ask(port);
		}
	}
	if (idle) {
		ast_framehook_detach(chan, port->hook_id);
	}
	return 0;
}

int vr_wire(struct ast_channel *chan, enum vr_role role, const char *key, int eager)
{
	struct vr_port *port;
	int res;

	if (!ast_strlen_zero(key) && !key_valid(key)) {
		ast_log(LOG_WARNING, "%s() on %s: refused a key that isn't 1 to %d characters of A-Z a-z 0-9 _ . -\n",
			role_function[role], ast_channel_name(chan), VR_KEY_LENGTH);
		return -1;
	}

	ast_channel_lock(chan);
	if (ast_test_flag(ast_channel_flags(chan), AST_FLAG_ZOMBIE)) {
		/* Its framehooks are gone already: a new one would never be destroyed. */
		ast_channel_unlock(chan);
		ast_log(LOG_WARNING, "%s() on %s: the channel is hung up\n", role_function[role], ast_channel_name(chan));
		return -1;
	}
	port = vr_port_find(chan);
	if (!port) {
		if (ast_strlen_zero(key)) {
			ast_channel_unlock(chan);
			return 0;
		}
		port = vr_port_attach(chan);
	}
	if (port && role == VR_SUBSCRIBER) {
		ao2_lock(port);
		port->peer_eager = eager;
		ao2_unlock(port);
	}
	res = port ? rewire(port, chan, role, key) : -1;
	ast_channel_unlock(chan);
	ao2_cleanup(port);
	return res;
}

void vr_wired(struct ast_channel *chan, enum vr_role role, char *key, size_t size)
{
	struct vr_port *port;
	struct vr_route *route;

	*key = '\0';
	ast_channel_lock(chan);
	port = vr_port_find(chan);
	ast_channel_unlock(chan);
	if (port) {
		ast_rwlock_rdlock(&vr_table);
		if ((route = *port_route(port, role))) {
			ast_copy_string(key, route->key, size);
		}
		ast_rwlock_unlock(&vr_table);
		ao2_ref(port, -1);
	}
}

void vr_port_unwire(struct vr_port *port, const char *reason)
{
	struct ast_channel *chan;
	char published[VR_KEY_LENGTH + 1];
	char subscribed[VR_KEY_LENGTH + 1];

	ast_rwlock_wrlock(&vr_table);
	chan = port->chan;
	port->leaving = 1;
	unlink_locked(port, VR_PUBLISHER, published);
	unlink_locked(port, VR_SUBSCRIBER, subscribed);
	ast_rwlock_unlock(&vr_table);

	if (port->started) {
		port->started = 0;
		event_unwired(chan, VR_PUBLISHER, published, reason);
	}
	event_unwired(chan, VR_SUBSCRIBER, subscribed, reason);
}
