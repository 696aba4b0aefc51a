/*
 * Video patch bay for Asterisk: the framehook through which a channel takes part.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "video_router.h"

/*! \brief Last source given out; 0 stands for "none" */
static unsigned int last_source;

/*! \brief Start of a new run of timestamps and sequence numbers */
static unsigned int source_new(void)
{
	unsigned int source = __atomic_add_fetch(&last_source, 1, __ATOMIC_RELAXED);

	return source ? source : source_new();
}

int vr_port_able(struct vr_port *port)
{
	int able;

	ao2_lock(port);
	able = port->bridge_channel && port->cap && !port->held;
	ao2_unlock(port);
	return able;
}

/*! \brief Whether the peer takes this stream: it offered neither sendonly nor inactive (RFC 3264 6.1) */
static int peer_receives(const struct ast_stream *stream)
{
	enum ast_stream_state state = ast_stream_get_state(stream); /* as seen from our side */

	return state == AST_STREAM_STATE_SENDRECV || state == AST_STREAM_STATE_SENDONLY;
}

/*! \brief The formats in which the channel's default video stream takes pictures, borrowed; NULL when it takes none */
static struct ast_format_cap *video_cap(struct ast_channel *chan)
{
	struct ast_stream *stream = ast_channel_get_default_stream(chan, AST_MEDIA_TYPE_VIDEO);
	struct ast_format_cap *cap;

	if (!stream || !peer_receives(stream)) {
		return NULL;
	}
	/* Only to be held and compared, hence the const may go. */
	cap = (struct ast_format_cap *) ast_stream_get_formats(stream);
	return cap && ast_format_cap_count(cap) ? cap : NULL;
}

/*! \brief VIDEO_FMTP() as a string of the caller's, NULL on failure. \pre chan is locked */
static char *formats_of(struct ast_channel *chan)
{
	struct ast_str *text = ast_str_create(256);
	char *formats = NULL;

	if (text) {
		vr_fmtp_channel(chan, &text);
		formats = ast_strdup(ast_str_buffer(text));
		ast_free(text);
	}
	return formats;
}

/*! \brief Tell when something else was negotiated than before. \pre chan is locked */
static void formats_look(struct vr_port *port, struct ast_channel *chan)
{
	char *formats = formats_of(chan);
	struct ast_str *headers;

	if (!formats || (port->formats && !strcmp(formats, port->formats))) {
		ast_free(formats);
		return;
	}
	ast_free(port->formats);
	port->formats = formats;
	if ((headers = ast_str_create(256))) {
		ast_str_set(&headers, 0, "Formats: %s\r\n", formats);
		vr_event(chan, "VideoFormats", "", ast_str_buffer(headers));
		ast_free(headers);
	}
}

void vr_port_refresh(struct vr_port *port, struct ast_channel *chan)
{
	struct ast_bridge_channel *bridge_channel = ast_channel_get_bridge_channel(chan);
	struct ast_bridge_channel *left = NULL;
	struct ast_format_cap *cap = video_cap(chan);
	int negotiated = cap && cap != port->cap;
	int able;

	if (bridge_channel == port->bridge_channel && cap == port->cap) {
		ao2_cleanup(bridge_channel); /* never the last: the channel has one */
		return;
	}

	ao2_lock(port);
	if (cap != port->cap) {
		ao2_replace(port->cap, cap);
		ao2_replace(port->map_from, NULL);
		ao2_replace(port->map_to, NULL);
	}
	left = port->bridge_channel;
	port->bridge_channel = bridge_channel;
	if (left != bridge_channel) {
		vr_pending_discard(port);
	}
	able = port->bridge_channel && port->cap && !port->held;
	ao2_unlock(port);

	if (left) {
		/* Ours may be the last reference, and the destructor takes the bridge's locks. */
		vr_unref_later(left);
	}
	if (negotiated) {
		formats_look(port, chan);
	}
	if (able) {
		vr_keyframe_ask(port);
	}
}

/*!
 * \brief Tell of a publisher's first frame, and ask for a keyframe where somebody waits for it
 *
 * Not before: Asterisk's RTP can only ask a sender whose SSRC it has seen.
 */
static void publish_started(struct vr_port *port, struct ast_channel *chan, const struct ast_frame *frame, const char *key)
{
	struct ast_str *headers = ast_str_create(256);
	struct vr_port *subscriber;
	int wanted = 0;

	if (headers) {
		ast_str_append(&headers, 0, "Format: %s\r\nFmtp: ", ast_format_get_codec_name(frame->subclass.format));
		vr_fmtp_append(frame->subclass.format, &headers);
		ast_str_append(&headers, 0, "\r\n");
		vr_event(chan, "VideoPublishStart", key, ast_str_buffer(headers));
		ast_free(headers);
	}

	ast_rwlock_rdlock(&vr_table);
	if (port->publishes) {
		AST_LIST_TRAVERSE(&port->publishes->subscribers, subscriber, in_route) {
			if (vr_port_able(subscriber)) {
				wanted = 1;
				break;
			}
		}
	}
	ast_rwlock_unlock(&vr_table);
	if (wanted) {
		vr_keyframe_request(port);
	}
}

/*! \brief A frame is not to go any further; what hangs on it (drivers may return lists) does */
static struct ast_frame *consume(struct ast_channel *chan, struct ast_frame *frame)
{
	struct ast_frame *rest = AST_LIST_NEXT(frame, frame_list);

	if (rest) {
		AST_LIST_NEXT(frame, frame_list) = NULL;
		ast_queue_frame_head(chan, rest);
		ast_frfree(rest);
	}
	ast_frfree(frame);
	return &ast_null_frame;
}

/*!
 * \brief Packets of the publisher's are missing that no subscriber will miss
 *
 * Asterisk's RTP passes a gap on only up to 100 numbers and not over their wrap (rtp_raw_write() in res_rtp_asterisk): nobody
 * would ask for the keyframe.
 */
static int loss_hidden(const struct vr_port *port, const struct ast_frame *frame)
{
	int leap = frame->seqno - (port->seqno + 1);

	return port->started && ast_test_flag(frame, AST_FRFLAG_HAS_SEQUENCE_NUMBER) && (leap & 0xFFFF) && abs(leap) > 100;
}

/*! \retval 0 the frame was not ours to take */
static int route_frame(struct vr_port *port, struct ast_channel *chan, struct ast_frame *frame)
{
	struct timeval now = ast_tvnow();
	unsigned int codec = ast_format_get_codec_id(frame->subclass.format);
	struct vr_route *route;
	char key[VR_KEY_LENGTH + 1] = "";
	int hidden = 0;

	ast_rwlock_rdlock(&vr_table);
	if (!(route = port->publishes)) {
		ast_rwlock_unlock(&vr_table);
		vr_gather_discard(port);
		return 0;
	}
	VR_COUNT(port, in);
	if (port->held || AST_LIST_EMPTY(&route->subscribers)) {
		VR_COUNT(port, unwanted);
		vr_gather_discard(port);
	} else {
		vr_gather(port, frame, now);
		hidden = loss_hidden(port, frame);
	}
	if (!port->held && (!port->started || ast_tvdiff_ms(now, port->last_frame) > VR_SILENCE_MS
			|| (codec != port->codec && ast_tvdiff_ms(now, port->announced) > VR_CODEC_MS))) {
		port->started = 1;
		port->codec = codec;
		port->announced = now;
		strcpy(key, route->key); /* both are VR_KEY_LENGTH + 1 */
	}
	ast_rwlock_unlock(&vr_table);

	port->last_frame = now;
	port->seqno = frame->seqno;
	if (*key) {
		publish_started(port, chan, frame, key);
	} else if (hidden) {
		vr_keyframe_request(port);
	}
	return 1;
}

static void hold(struct vr_port *port, struct ast_channel *chan, int held)
{
	char key[VR_KEY_LENGTH + 1] = "";
	int able;

	if (port->held == held) {
		return; /* each stream of a call tells of it */
	}
	ao2_lock(port);
	port->held = held;
	port->interrupted = 1;
	if (held) {
		vr_pending_discard(port);
		vr_gather_discard(port);
	}
	able = port->bridge_channel && port->cap && !port->held;
	ao2_unlock(port);

	if (able) {
		vr_keyframe_ask(port);
	}
	if (held && port->started) {
		port->started = 0;
		ast_rwlock_rdlock(&vr_table);
		if (port->publishes) {
			strcpy(key, port->publishes->key);
		}
		ast_rwlock_unlock(&vr_table);
		if (*key) {
			vr_event(chan, "VideoPublishStop", key, "Reason: hold\r\n");
		}
	} else if (!held) {
		port->source = source_new();
	}
}

static struct ast_frame *read_frame(struct vr_port *port, struct ast_channel *chan, struct ast_frame *frame)
{
	if (frame->frametype == AST_FRAME_VIDEO) {
		return route_frame(port, chan, frame) ? consume(chan, frame) : frame;
	}
	if (frame->frametype == AST_FRAME_CONTROL) {
		switch (frame->subclass.integer) {
		case AST_CONTROL_VIDUPDATE:
			/* Its picture comes from its publisher alone; a bridge would ask everybody in it. Only the channel itself
			 * changes this from no to yes, and that makes a request of its own. */
			if (port->subscribes) {
				vr_keyframe_peer_asks(port);
				return consume(chan, frame);
			}
			break;
		case AST_CONTROL_HOLD:
			hold(port, chan, 1);
			break;
		case AST_CONTROL_UNHOLD:
			hold(port, chan, 0);
			break;
		case AST_CONTROL_SRCCHANGE:
			vr_gather_flush(port); /* belongs to what ends here */
			port->source = source_new();
			break;
		default:
			break;
		}
	}
	return frame;
}

static struct ast_frame *hook_event(struct ast_channel *chan, struct ast_frame *frame, enum ast_framehook_event event,
	void *data)
{
	struct vr_port *port = data;

	switch (event) {
	case AST_FRAMEHOOK_EVENT_READ:
		vr_port_refresh(port, chan);
		return frame ? read_frame(port, chan, frame) : NULL;
	case AST_FRAMEHOOK_EVENT_WRITE:
		vr_port_refresh(port, chan);
		if (frame && frame->frametype == AST_FRAME_VIDEO && port->subscribes
			&& (!frame->src || strcmp(frame->src, vr_frame_source))) {
			/* Two pictures in one RTP stream are none: whatever else the bridge would show is left out. Whoever writes a
			 * frame frees it. */
			return &ast_null_frame;
		}
		return frame;
	case AST_FRAMEHOOK_EVENT_ATTACHED:
	case AST_FRAMEHOOK_EVENT_DETACHED:
		break;
	}
	return frame;
}

/*! \brief The hook is gone: hang-up, last key removed, or the channel became another */
static void hook_destroy(void *data)
{
	struct vr_port *port = data;
	struct ast_bridge_channel *bridge_channel;

	vr_port_unwire(port, "hangup");
	ast_rwlock_wrlock(&vr_table);
	port->chan = NULL;
	AST_LIST_REMOVE(&vr_ports, port, in_table);
	ast_rwlock_unlock(&vr_table);

	vr_keyframes_cancel(port);
	ao2_lock(port);
	bridge_channel = port->bridge_channel;
	port->bridge_channel = NULL;
	vr_pending_discard(port);
	ao2_unlock(port);
	if (bridge_channel) {
		vr_unref_later(bridge_channel);
	}
	ao2_ref(port, -1);
}

/*! \brief The channel's technology moved into another channel's structure: the picture goes with it */
static void hook_fixup(void *data, int hook_id, struct ast_channel *old_chan, struct ast_channel *new_chan)
{
	struct vr_port *port = data;

	vr_gather_discard(port);
	ast_rwlock_wrlock(&vr_table);
	port->chan = new_chan;
	/* Swapped already: it stays with the call. */
	ast_copy_string(port->uniqueid, ast_channel_uniqueid(new_chan), sizeof(port->uniqueid));
	port->hook_id = hook_id;
	ast_rwlock_unlock(&vr_table);
	port->source = source_new();
}

/*! \brief Another channel's technology moves into this one: the terminal this port belonged to is gone */
static void hook_breakdown(void *data, int hook_id, struct ast_channel *old_chan, struct ast_channel *new_chan)
{
	vr_port_unwire(data, "replaced");
	ast_framehook_detach(new_chan, hook_id);
}

static void port_destructor(void *object)
{
	struct vr_port *port = object;

	vr_pending_discard(port);
	vr_gather_discard(port);
	ao2_cleanup(port->cap);
	ao2_cleanup(port->map_from);
	ao2_cleanup(port->map_to);
	ast_free(port->formats);
	ast_module_unref(AST_MODULE_SELF);
}

struct vr_port *vr_port_attach(struct ast_channel *chan)
{
	struct ast_framehook_interface interface = {
		.version = AST_FRAMEHOOK_INTERFACE_VERSION,
		.event_cb = hook_event,
		.destroy_cb = hook_destroy,
		.chan_fixup_cb = hook_fixup,
		.chan_breakdown_cb = hook_breakdown,
		/* No consume_cb: a bridge must see that every frame matters to us, or it would pass RTP by Asterisk's core. */
	};
	struct vr_port *port = ao2_alloc(sizeof(*port), port_destructor);

	if (!port) {
		return NULL;
	}
	/* For as long as the port lives, its destructor being code of ours: "module show" counts the ports. */
	ast_module_ref(AST_MODULE_SELF);
	port->source = source_new();
	port->keyframe_scheduled = port->peer_scheduled = -1;
	port->chan = chan;
	port->formats = formats_of(chan);
	ast_copy_string(port->uniqueid, ast_channel_uniqueid(chan), sizeof(port->uniqueid));
	interface.data = port;

	ast_rwlock_wrlock(&vr_table);
	AST_LIST_INSERT_TAIL(&vr_ports, port, in_table);
	ast_rwlock_unlock(&vr_table);

	port->hook_id = ast_framehook_attach(chan, &interface);
	if (port->hook_id < 0) {
		ast_rwlock_wrlock(&vr_table);
		AST_LIST_REMOVE(&vr_ports, port, in_table);
		ast_rwlock_unlock(&vr_table);
		ao2_ref(port, -1);
		return NULL;
	}
	ao2_ref(port, +1); /* the hook has one, the caller another */
	vr_port_refresh(port, chan);
	return port;
}
