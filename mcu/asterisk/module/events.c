/*
 * Video patch bay for Asterisk: AMI events.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*** DOCUMENTATION
	<managerEvent name="VideoPublishStart" language="en_US">
		<managerEventInstance class="EVENT_FLAG_CALL">
			<synopsis>Raised with the first video frame of a channel that publishes a picture.</synopsis>
			<syntax>
				<channel_snapshot/>
				<parameter name="Key"><para>The key it publishes.</para></parameter>
				<parameter name="Format"><para>The codec's name.</para></parameter>
				<parameter name="Fmtp"><para>The format's parameters as in SDP; may be empty.</para></parameter>
			</syntax>
			<description>
				<para>It comes again after a hold, after a change of key, when frames come again after two seconds without any,
				and when they are of another codec.</para>
			</description>
			<see-also><ref type="managerEvent">VideoPublishStop</ref></see-also>
		</managerEventInstance>
	</managerEvent>
	<managerEvent name="VideoPublishStop" language="en_US">
		<managerEventInstance class="EVENT_FLAG_CALL">
			<synopsis>Raised when a picture that began is no longer published.</synopsis>
			<syntax>
				<channel_snapshot/>
				<parameter name="Key"><para>The key.</para></parameter>
				<parameter name="Reason">
					<enumlist>
						<enum name="removed"><para>The channel's key was removed or changed.</para></enum>
						<enum name="hangup"/>
						<enum name="hold"><para>The other party put the call on hold.</para></enum>
						<enum name="takeover"><para>Another channel publishes that key now.</para></enum>
						<enum name="replaced"><para>Another call took the channel's place.</para></enum>
					</enumlist>
				</parameter>
			</syntax>
			<see-also><ref type="managerEvent">VideoPublishStart</ref></see-also>
		</managerEventInstance>
	</managerEvent>
	<managerEvent name="VideoFormats" language="en_US">
		<managerEventInstance class="EVENT_FLAG_CALL">
			<synopsis>Raised when a channel that takes part negotiates other video formats.</synopsis>
			<syntax>
				<channel_snapshot/>
				<parameter name="Key"><para>Always empty.</para></parameter>
				<parameter name="Formats"><para>As <literal>VIDEO_FMTP()</literal> reads.</para></parameter>
			</syntax>
		</managerEventInstance>
	</managerEvent>
	<managerEvent name="VideoSubscribe" language="en_US">
		<managerEventInstance class="EVENT_FLAG_CALL">
			<synopsis>Raised when a channel subscribes to a key.</synopsis>
			<syntax>
				<channel_snapshot/>
				<parameter name="Key"><para>The key.</para></parameter>
			</syntax>
			<see-also><ref type="managerEvent">VideoUnsubscribe</ref></see-also>
		</managerEventInstance>
	</managerEvent>
	<managerEvent name="VideoUnsubscribe" language="en_US">
		<managerEventInstance class="EVENT_FLAG_CALL">
			<synopsis>Raised when a channel is no longer subscribed to a key.</synopsis>
			<syntax>
				<channel_snapshot/>
				<parameter name="Key"><para>The key.</para></parameter>
				<parameter name="Reason">
					<enumlist>
						<enum name="removed"><para>The channel's key was removed or changed.</para></enum>
						<enum name="hangup"/>
						<enum name="replaced"><para>Another call took the channel's place.</para></enum>
					</enumlist>
				</parameter>
			</syntax>
			<see-also><ref type="managerEvent">VideoSubscribe</ref></see-also>
		</managerEventInstance>
	</managerEvent>
 ***/

#include "video_router.h"

#include "asterisk/manager.h"
#include "asterisk/stasis_channels.h"

struct event {
	struct ast_channel_snapshot *snapshot;
	const char *name;
	char *headers;
	char key[VR_KEY_LENGTH + 1];
};

static void event_free(struct event *event)
{
	ao2_cleanup(event->snapshot);
	ast_free(event->headers);
	ast_free(event);
}

/*! \brief A task: the text is made and sent out of the frame's way */
static int event_task(void *data)
{
	struct event *event = data;
	struct ast_str *channel = ast_manager_build_channel_state_string(event->snapshot);

	if (channel) {
		manager_event(EVENT_FLAG_CALL, event->name, "%sKey: %s\r\n%s",
			ast_str_buffer(channel), event->key, event->headers);
		ast_free(channel);
	}
	event_free(event);
	return 0;
}

void vr_event(struct ast_channel *chan, const char *name, const char *key, const char *headers)
{
	struct event *event = ast_calloc(1, sizeof(*event));

	if (!event) {
		return;
	}
	event->name = name;
	ast_copy_string(event->key, key, sizeof(event->key));
	event->headers = ast_strdup(headers);
	event->snapshot = ast_channel_snapshot_create(chan);
	if (!event->headers || !event->snapshot || vr_task_events(event_task, event)) {
		event_free(event);
	}
}
