/*
 * Video patch bay for Asterisk: what RTP and RTCP tell of each terminal's call, for AMI.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/*** DOCUMENTATION
	<manager name="TerminalMediaList" language="en_US">
		<synopsis>List what RTP and RTCP tell of each terminal's call.</synopsis>
		<syntax>
			<parameter name="ActionID"><para>ActionID for this transaction. Will be returned.</para></parameter>
		</syntax>
		<description>
			<para>A TerminalMedia for each channel whose variable MCU_KIND is "terminal", then TerminalMediaListComplete.
			One question for all, where CHANNEL(rtcp) would be one for each figure of each channel.</para>
		</description>
		<responses>
			<list-elements>
				<managerEvent name="TerminalMedia" language="en_US">
					<managerEventInstance class="EVENT_FLAG_COMMAND">
						<synopsis>One channel.</synopsis>
						<syntax>
							<parameter name="Channel"/>
							<parameter name="Audio"><para>Packets received, octets received, packets lost on the way to us and jitter in
							seconds; packets sent, octets sent, packets that the far end reports as lost and its jitter in seconds; round trip in
							seconds. Since the stream began, the last three as last reported. Empty without such a stream.</para></parameter>
							<parameter name="Video"><para>The same.</para></parameter>
						</syntax>
					</managerEventInstance>
				</managerEvent>
			</list-elements>
			<managerEvent name="TerminalMediaListComplete" language="en_US">
				<managerEventInstance class="EVENT_FLAG_COMMAND">
					<synopsis>The end of the list.</synopsis>
					<syntax>
						<parameter name="EventList"/>
						<parameter name="ListItems"/>
					</syntax>
				</managerEventInstance>
			</managerEvent>
		</responses>
	</manager>
 ***/

#include "video_router.h"

#include "asterisk/manager.h"
#include "asterisk/pbx.h"
#include "asterisk/rtp_engine.h"

#define FIGURES_LENGTH 192

/*! \brief Counters that are differences of two may be behind for a moment: less than nothing is nothing */
static unsigned int not_negative(unsigned int count)
{
	return (int) count < 0 ? 0 : count;
}

static void figures(struct ast_rtp_instance *instance, char *buf, size_t len)
{
	struct ast_rtp_instance_stats stats = { 0 };

	*buf = '\0';
	if (!instance) {
		return;
	}
	if (!ast_rtp_instance_get_stats(instance, &stats, AST_RTP_INSTANCE_STAT_ALL)) {
		/* Asterisk 22 has them crossed: "txjitter" is what we measure, "rxjitter" what the far end reports. */
		snprintf(buf, len, "%u %u %u %.4f %u %u %u %.4f %.4f", stats.rxcount, stats.rxoctetcount,
			not_negative(stats.rxploss), stats.txjitter, stats.txcount, stats.txoctetcount, not_negative(stats.txploss),
			stats.rxjitter, stats.rtt);
	}
	ao2_ref(instance, -1);
}

/*! \brief One channel's figures; 0 for one that is no terminal */
static int channel_figures(struct ast_channel *chan, char *name, size_t name_size, char *audio, char *video)
{
	struct ast_rtp_instance *sound = NULL;
	struct ast_rtp_instance *picture = NULL;
	struct ast_rtp_glue *glue;
	const char *kind;
	int terminal;

	ast_channel_lock(chan);
	kind = pbx_builtin_getvar_helper(chan, "MCU_KIND");
	glue = ast_rtp_instance_get_glue(ast_channel_tech(chan)->type);
	terminal = kind && !strcmp(kind, "terminal") && glue && !ast_check_hangup(chan);
	if (terminal) {
		ast_copy_string(name, ast_channel_name(chan), name_size);
		/* Whether it forbids direct media is no matter: the instance is there all the same. */
		if (glue->get_rtp_info) {
			glue->get_rtp_info(chan, &sound);
		}
		if (glue->get_vrtp_info) {
			glue->get_vrtp_info(chan, &picture);
		}
	}
	ast_channel_unlock(chan);
	/* The RTP instance has a lock of its own, which is held while frames are written: not under the channel's. */
	figures(sound, audio, FIGURES_LENGTH);
	figures(picture, video, FIGURES_LENGTH);
	return terminal;
}

static int action_list(struct mansession *session, const struct message *message)
{
	const char *id = astman_get_header(message, "ActionID");
	struct ast_channel_iterator *channels = ast_channel_iterator_all_new();
	struct ast_channel *chan;
	char action_id[128] = "";
	char name[AST_CHANNEL_NAME];
	char audio[FIGURES_LENGTH];
	char video[FIGURES_LENGTH];
	int count = 0;

	if (!channels) {
		astman_send_error(session, message, "No memory for the list of channels");
		return 0;
	}
	if (!ast_strlen_zero(id)) {
		snprintf(action_id, sizeof(action_id), "ActionID: %s\r\n", id);
	}
	astman_send_listack(session, message, "Terminals' media follow", "start");
	for (; (chan = ast_channel_iterator_next(channels)); ast_channel_unref(chan)) {
		if (channel_figures(chan, name, sizeof(name), audio, video)) {
			astman_append(session, "Event: TerminalMedia\r\n%sChannel: %s\r\nAudio: %s\r\nVideo: %s\r\n\r\n", action_id, name,
				audio, video);
			count++;
		}
	}
	ast_channel_iterator_destroy(channels);
	astman_send_list_complete_start(session, message, "TerminalMediaListComplete", count);
	astman_send_list_complete_end(session);
	return 0;
}

int vr_media_register(void)
{
	return ast_manager_register_xml("TerminalMediaList", EVENT_FLAG_CALL | EVENT_FLAG_REPORTING | EVENT_FLAG_SYSTEM, action_list);
}

void vr_media_unregister(void)
{
	ast_manager_unregister("TerminalMediaList");
}
