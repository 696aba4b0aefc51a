/*
 * Video patch bay for Asterisk: who publishes a picture, who is shown it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*!
 * \file
 * \brief The module: its functions, its configuration, its start and stop
 */

/*** MODULEINFO
	<support_level>extended</support_level>
 ***/

/*** DOCUMENTATION
	<function name="VIDEO_PUBLISH" language="en_US">
		<synopsis>Key under which the channel's video can be subscribed to.</synopsis>
		<syntax/>
		<description>
			<para>Write a key of 1 to 64 characters out of A-Z a-z 0-9 _ . - to publish the video that is read from this channel; it
			then goes to the subscribers of that key, and to nobody else. Write an empty value to stop. A channel
			publishes one key at most, and a key is published by one channel at most: the last one to write it.</para>
			<para>Reads as the key, empty when the channel publishes none (any more).</para>
			<example title="A terminal's picture can be seen by others">
			same => n,Set(VIDEO_PUBLISH()=p-7)
			</example>
		</description>
		<see-also><ref type="function">VIDEO_SUBSCRIBE</ref></see-also>
	</function>
	<function name="VIDEO_SUBSCRIBE" language="en_US">
		<synopsis>Key of the picture the channel is shown.</synopsis>
		<syntax>
			<parameter name="option">
				<para><literal>eager</literal>: the channel limits its requests for keyframes itself (a mixer). Without it, one
				that keeps asking is slowed, to one request in 8 seconds at last.</para>
			</parameter>
		</syntax>
		<description>
			<para>Write a key to be shown what is published under it, now or later; an empty value to be shown nothing. A
			channel is shown video while it is in a bridge and nothing else is played to it. It must have negotiated the
			publisher's codec: nothing is transcoded.</para>
			<para>May be written at any time, also by AMI's Setvar.</para>
		</description>
		<see-also><ref type="function">VIDEO_PUBLISH</ref></see-also>
	</function>
	<function name="VIDEO_FMTP" language="en_US">
		<synopsis>Video formats the channel has negotiated, with their parameters.</synopsis>
		<syntax/>
		<description>
			<para>Each as the codec's name, a space, and its parameters as in SDP; several are separated by a vertical bar; empty
			without video. A parameter with a comma in its value (sprop-parameter-sets) is left out.</para>
			<para>For instance: <literal>h264 max-fs=3600;packetization-mode=1;profile-level-id=42801F</literal></para>
		</description>
	</function>
	<configInfo name="res_video_router" language="en_US">
		<synopsis>Video patch bay</synopsis>
		<configFile name="video_router.conf">
			<configObject name="general">
				<synopsis>Settings of all routes</synopsis>
				<configOption name="keyframe_interval" default="500">
					<synopsis>Least time in milliseconds between two keyframe requests to one publisher, 0 to 60000.</synopsis>
					<description><para>The first request goes out at once; those that come within this time after it are merged into one, sent when
					it is over.</para></description>
				</configOption>
			</configObject>
		</configFile>
	</configInfo>
 ***/

#include "video_router.h"

#include "asterisk/config.h"
#include "asterisk/pbx.h"

#define CONFIG_FILE "video_router.conf"
#define KEYFRAME_INTERVAL_DEFAULT 500
#define KEYFRAME_INTERVAL_MAX 60000

/*! \brief For what a picture waits for, and for what it doesn't */
static struct ast_taskprocessor *media_tasks;
static struct ast_taskprocessor *event_tasks;

int vr_task_media(int (*task)(void *), void *data)
{
	return ast_taskprocessor_push(media_tasks, task, data);
}

int vr_task_events(int (*task)(void *), void *data)
{
	return ast_taskprocessor_push(event_tasks, task, data);
}

static int unref_task(void *data)
{
	ao2_ref(data, -1);
	return 0;
}

void vr_unref_later(void *object)
{
	if (vr_task_events(unref_task, object)) {
		/* Out of memory. A leak, where the other choice is a deadlock. */
		ast_log(LOG_ERROR, "Could not queue a task\n");
	}
}

static int channel_missing(struct ast_channel *chan, const char *function)
{
	if (!chan || !ast_channel_tech(chan)) {
		ast_log(LOG_WARNING, "%s() needs a channel\n", function);
		return 1;
	}
	return 0;
}

static int publish_read(struct ast_channel *chan, const char *function, char *data, char *buf, size_t len)
{
	*buf = '\0';
	if (channel_missing(chan, function)) {
		return -1;
	}
	vr_wired(chan, VR_PUBLISHER, buf, len);
	return 0;
}

static int publish_write(struct ast_channel *chan, const char *function, char *data, const char *value)
{
	return channel_missing(chan, function) ? -1 : vr_wire(chan, VR_PUBLISHER, S_OR(value, ""), 0);
}

static int subscribe_read(struct ast_channel *chan, const char *function, char *data, char *buf, size_t len)
{
	*buf = '\0';
	if (channel_missing(chan, function)) {
		return -1;
	}
	vr_wired(chan, VR_SUBSCRIBER, buf, len);
	return 0;
}

static int subscribe_write(struct ast_channel *chan, const char *function, char *data, const char *value)
{
	if (!ast_strlen_zero(data) && strcmp(data, "eager")) {
		ast_log(LOG_WARNING, "%s(%s): the only option is 'eager'\n", function, data);
		return -1;
	}
	return channel_missing(chan, function) ? -1 : vr_wire(chan, VR_SUBSCRIBER, S_OR(value, ""), !ast_strlen_zero(data));
}

static int fmtp_read(struct ast_channel *chan, const char *function, char *data, struct ast_str **str, ssize_t len)
{
	ast_str_reset(*str);
	if (channel_missing(chan, function)) {
		return -1;
	}
	ast_channel_lock(chan);
	vr_fmtp_channel(chan, str);
	ast_channel_unlock(chan);
	return 0;
}

static struct ast_custom_function publish_function = {
	.name = "VIDEO_PUBLISH",
	.read = publish_read,
	.write = publish_write,
};

static struct ast_custom_function subscribe_function = {
	.name = "VIDEO_SUBSCRIBE",
	.read = subscribe_read,
	.write = subscribe_write,
};

static struct ast_custom_function fmtp_function = {
	.name = "VIDEO_FMTP",
	.read2 = fmtp_read,
};

static int config_load(void)
{
	struct ast_flags flags = { 0 };
	struct ast_config *config = ast_config_load(CONFIG_FILE, flags);
	const char *value;
	int interval = KEYFRAME_INTERVAL_DEFAULT;

	if (config == CONFIG_STATUS_FILEINVALID) {
		ast_log(LOG_ERROR, "%s can't be read\n", CONFIG_FILE);
		return -1;
	}
	if (config) {
		value = ast_variable_retrieve(config, "general", "keyframe_interval");
		if (value && ast_parse_arg(value, PARSE_INT32 | PARSE_IN_RANGE, &interval, 0, KEYFRAME_INTERVAL_MAX)) {
			ast_log(LOG_ERROR, "%s: keyframe_interval '%s' isn't a number from 0 to %d\n", CONFIG_FILE, value,
				KEYFRAME_INTERVAL_MAX);
			ast_config_destroy(config);
			return -1;
		}
		ast_config_destroy(config);
	}
	vr_keyframes_interval_set(interval);
	return 0;
}

/*! \brief Everything stopped and freed; also after a start that failed half-way */
static void stop(void)
{
	ast_custom_function_unregister(&publish_function);
	ast_custom_function_unregister(&subscribe_function);
	ast_custom_function_unregister(&fmtp_function);
	vr_media_unregister();
	vr_list_unregister();
	vr_bridges_stop();
	vr_keyframes_stop();
	/* Each runs what it still has to before it ends. */
	media_tasks = ast_taskprocessor_unreference(media_tasks);
	event_tasks = ast_taskprocessor_unreference(event_tasks);
	ast_rwlock_destroy(&vr_table);
}

static int unload_module(void)
{
	int in_use;

	/* Each port holds a use of the module, which "module unload -f" would pass over: there is code of ours in its channel. */
	ast_rwlock_rdlock(&vr_table);
	in_use = !AST_LIST_EMPTY(&vr_ports);
	ast_rwlock_unlock(&vr_table);
	if (in_use) {
		ast_log(LOG_WARNING, "Video is being routed: the module can't be unloaded\n");
		return -1;
	}
	stop();
	return 0;
}

static int load_module(void)
{
	ast_rwlock_init(&vr_table);
	media_tasks = ast_taskprocessor_get("video_router/media", TPS_REF_DEFAULT);
	event_tasks = ast_taskprocessor_get("video_router/events", TPS_REF_DEFAULT);
	if (!media_tasks || !event_tasks || vr_keyframes_start() || config_load() || vr_bridges_start() || vr_list_register() || vr_media_register()
		|| ast_custom_function_register(&publish_function) || ast_custom_function_register(&subscribe_function)
		|| ast_custom_function_register(&fmtp_function)) {
		stop();
		return AST_MODULE_LOAD_DECLINE;
	}
	return AST_MODULE_LOAD_SUCCESS;
}

AST_MODULE_INFO(ASTERISK_GPL_KEY, AST_MODFLAG_DEFAULT, "Video Patch Bay",
	.support_level = AST_MODULE_SUPPORT_EXTENDED,
	.load = load_module,
	.unload = unload_module,
	.reload = config_load,
	.load_pri = AST_MODPRI_DEFAULT,
);
