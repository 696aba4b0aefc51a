/* PJSIP for the mixer: many video legs, no sound or video devices, codecs of our own.
 * Read by pjlib's config.h before its defaults; every program that includes PJSIP sees the same. */

#define PJ_LOG_MAX_LEVEL                4       /* 5 and 6 print every packet */
#define PJ_IOQUEUE_MAX_HANDLES          4096    /* RTP and RTCP of sound and picture: 4 a leg, 600 legs */
#define PJSIP_MAX_TSX_COUNT             ((4096)-1)      /* hash tables want 2^n - 1 */
#define PJSIP_MAX_DIALOG_COUNT          ((2048)-1)
#define PJSIP_MAX_TRANSPORTS            1024
#define PJSIP_MAX_PKT_LEN               16384   /* an SDP offer that came from a browser passes 4000 octets */

#define PJSUA_MAX_CALLS                 600
#define PJSUA_MAX_CONF_PORTS            1300    /* two a call and some */
#define PJSUA_MAX_VID_WINS              64

#define PJMEDIA_HAS_VIDEO               1
#define PJMEDIA_VIDEO_DEV_HAS_CBAR_SRC  1       /* colour bars: pjsua refuses video without a capture device */
