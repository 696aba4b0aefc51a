/*
 * Video patch bay for Asterisk: frames to one subscriber.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "video_router.h"

/*
 * How our own frames are known again when they are written. It is this name because of ast_write(): while a generator (music on hold,
 * in the lobby) runs on the channel, it throws away every frame, video too, but those of "ast_prod".
 */
const char vr_frame_source[] = "ast_prod";

/*!
 * \brief The subscriber's own format for frames of a publisher's
 *
 * Its RTP stack finds the payload type by that object. H.264 of another profile is still H.264: an equal format is
 * preferred, one of the same codec will do.
 *
 * \pre port is locked
 * \return borrowed, NULL when it has negotiated none of that codec
 */
static struct ast_format *map_format(struct vr_port *port, struct ast_format *from)
{
	struct ast_format *same_codec = NULL;
	struct ast_format *format;
	size_t count;
	size_t i;

	if (port->map_from == from) {
		return port->map_to;
	}
	count = ast_format_cap_count(port->cap);
	for (i = 0; i < count; i++) {
		format = ast_format_cap_get_format(port->cap, i);
		if (ast_format_get_codec_id(format) == ast_format_get_codec_id(from)) {
			if (ast_format_cmp(format, from) == AST_FORMAT_CMP_EQUAL) {
				ao2_replace(same_codec, format);
				ao2_ref(format, -1);
				break;
			}
			if (!same_codec) {
				same_codec = ao2_bump(format);
			}
		}
		ao2_ref(format, -1);
	}
	ao2_replace(port->map_from, from);
	ao2_replace(port->map_to, same_codec);
	ao2_cleanup(same_codec);
	return port->map_to;
}

/*!
 * \brief Join the publisher's timestamps and sequence numbers to what the subscriber was sent so far
 *
 * A receiver must see one stream whatever it is switched to (RFC 3550 5.1: the timestamp increments linearly in time). Asterisk's RTP
 * writes frame->ts as it is, and continues from its own last sequence number after a frame that carries none.
 *
 * \pre port is locked
 */
static void join_stream(struct vr_port *port, const struct vr_port *publisher, struct ast_frame *frame, struct timeval now)
{
	if (port->heard != publisher->source) {
		if (port->heard) {
			int64_t elapsed = ast_tvdiff_ms(now, port->ts_when);

			port->ts_offset = port->ts_last + MAX(elapsed, 1) - frame->ts;
		}
		port->heard = publisher->source;
		port->interrupted = 1;
	}
	if (port->interrupted) {
		/* What it missed in between was not lost on the way: no gap. */
		ast_clear_flag(frame, AST_FRFLAG_HAS_SEQUENCE_NUMBER);
		port->interrupted = 0;
	}
	if (ast_test_flag(frame, AST_FRFLAG_HAS_TIMING_INFO)) {
		frame->ts += port->ts_offset;
		port->ts_last = frame->ts;
		port->ts_when = now;
	}
}

void vr_pending_discard(struct vr_port *port)
{
	struct ast_frame *frame;

	while ((frame = AST_LIST_REMOVE_HEAD(&port->pending, frame_list))) {
		ast_frfree(frame);
		VR_COUNT(port, dropped);
	}
	port->pending_count = 0;
}

/*! \pre bridge channel and port are locked */
static void pending_flush(struct vr_port *port)
{
	struct ast_frame *frame;

	while ((frame = AST_LIST_REMOVE_HEAD(&port->pending, frame_list))) {
		ast_bridge_channel_queue_frame(port->bridge_channel, frame);
		ast_frfree(frame);
		VR_COUNT(port, out);
	}
	port->pending_count = 0;
}

/*! \brief A task: hand over what found the bridge channel busy, now that it can be waited for */
static int drain_task(void *data)
{
	struct vr_port *port = data;
	struct ast_bridge_channel *bridge_channel;

	ao2_lock(port);
	port->drain_queued = 0;
	bridge_channel = ao2_bump(port->bridge_channel);
	ao2_unlock(port);

	if (bridge_channel) {
		ast_bridge_channel_lock(bridge_channel);
		ao2_lock(port);
		if (port->bridge_channel == bridge_channel) {
			pending_flush(port);
		}
		ao2_unlock(port);
		ast_bridge_channel_unlock(bridge_channel);
		ao2_ref(bridge_channel, -1);
	}
	ao2_ref(port, -1);
	return 0;
}

/*! \pre port is locked */
static void postpone(struct vr_port *port, const struct ast_frame *frame)
{
	struct ast_frame *copy;

	VR_COUNT(port, busy);
	if (port->pending_count >= VR_PENDING_MAX) {
		vr_pending_discard(port);
	}
	if (!(copy = ast_frdup(frame))) {
		VR_COUNT(port, dropped);
		return;
	}
	AST_LIST_INSERT_TAIL(&port->pending, copy, frame_list);
	port->pending_count++;
	if (!port->drain_queued) {
		ao2_ref(port, +1);
		if (vr_task_media(drain_task, port)) {
			ao2_ref(port, -1); /* the next frame drains it */
		} else {
			port->drain_queued = 1;
		}
	}
}

/*! \brief A frame as the subscriber takes it; 0 when it doesn't. \pre subscriber is locked */
static int adapt(struct vr_port *subscriber, struct vr_port *publisher, struct ast_frame *out, const struct ast_frame *frame,
	struct timeval now)
{
	struct ast_format *format = map_format(subscriber, frame->subclass.format);

	if (!format) {
		VR_COUNT(subscriber, no_format);
		subscriber->interrupted = 1;
		return 0;
	}
	/* A copy of the head alone; the queue copies the payload, and takes a reference to the format. */
	*out = *frame;
	out->subclass.format = format;
	out->stream_num = -1; /* its default video stream */
	out->src = vr_frame_source;
	AST_LIST_NEXT(out, frame_list) = NULL;
	join_stream(subscriber, publisher, out, now);
	return 1;
}

/*! \brief A task: what it missed while it was away it can't decode without */
static int resumed_task(void *data)
{
	struct vr_port *port = data;

	vr_keyframe_ask(port);
	ao2_ref(port, -1);
	return 0;
}

/*!
 * \brief Whether the bridge channel is suspended: something else is played to its call, for a key of ConfBridge's menu for instance
 *
 * It throws away what it is handed and says nothing of it. The gap is not shown: it may be longer than Asterisk's RTP passes on.
 *
 * \pre bridge channel and subscriber are locked
 */
static int away(struct vr_port *subscriber)
{
	if (subscriber->bridge_channel->suspended) {
		subscriber->away = subscriber->interrupted = 1;
		return 1;
	}
	if (subscriber->away) {
		ao2_ref(subscriber, +1);
		if (vr_task_media(resumed_task, subscriber)) {
			ao2_ref(subscriber, -1); /* the next frame tries again */
		} else {
			subscriber->away = 0;
		}
	}
	return 0;
}

void vr_deliver(struct vr_port *subscriber, struct vr_port *publisher, struct ast_frame *const *frames, int count,
	struct timeval now)
{
	struct ast_frame out;
	int busy;
	int i;

	ao2_lock(subscriber);
	if (!subscriber->bridge_channel || !subscriber->cap || subscriber->held) {
		if (subscriber->bridge_channel && !subscriber->cap) {
			VR_ADD(subscriber, no_format, count);
		} else {
			VR_ADD(subscriber, dropped, count);
		}
		subscriber->interrupted = 1;
		ao2_unlock(subscriber);
		return;
	}
	busy = ast_bridge_channel_trylock(subscriber->bridge_channel);
	if (!busy) {
		if (away(subscriber)) {
			VR_ADD(subscriber, dropped, count);
			vr_pending_discard(subscriber);
			ast_bridge_channel_unlock(subscriber->bridge_channel);
			ao2_unlock(subscriber);
			return;
		}
		pending_flush(subscriber);
	}
	for (i = 0; i < count; i++) {
		if (!adapt(subscriber, publisher, &out, frames[i], now)) {
			continue;
		}
		if (busy) {
			postpone(subscriber, &out);
		} else {
			ast_bridge_channel_queue_frame(subscriber->bridge_channel, &out);
			VR_COUNT(subscriber, out);
		}
	}
	if (!busy) {
		ast_bridge_channel_unlock(subscriber->bridge_channel);
	}
	ao2_unlock(subscriber);
}
